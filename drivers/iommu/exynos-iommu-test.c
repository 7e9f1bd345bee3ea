// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of the Exynos System MMU driver, which includes this file.
 *
 * The devices and their System MMUs are mocks. The MMUs count as suspended, so
 * attaching does not enable them. Tests that check registers provide memory for them.
 */

#include <kunit/device.h>
#include <kunit/test.h>
#include <linux/sizes.h>

/**
 * struct exynos_iommu_test_master - a device behind System MMUs of its own
 * @dev: the device
 * @iommu: state of the IOMMU core
 * @owner: state of the driver
 * @mmu: the System MMUs
 */
struct exynos_iommu_test_master {
	struct device *dev;
	struct dev_iommu iommu;
	struct exynos_iommu_owner owner;
	struct sysmmu_drvdata mmu[2];
};

static void exynos_iommu_test_forget(void *arg)
{
	struct exynos_iommu_test_master *m = arg;
	unsigned int i;

	m->dev->iommu = NULL;
	for (i = 0; i < ARRAY_SIZE(m->mmu); i++) {
		/* It is on the stack of a test, which may have been aborted. */
		m->mmu[i].sysmmu->pm_domain = NULL;
		pm_runtime_disable(m->mmu[i].sysmmu);
	}
}

static struct exynos_iommu_test_master *
exynos_iommu_test_master(struct kunit *test, const char *name,
			 const char * const mmu_names[2])
{
	struct exynos_iommu_test_master *m;
	unsigned int i;

	m = kunit_kzalloc(test, sizeof(*m), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, m);
	m->dev = kunit_device_register(test, name);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, m->dev);

	INIT_LIST_HEAD(&m->owner.controllers);
	mutex_init(&m->owner.rpm_lock);
	m->owner.domain = &exynos_identity_domain;

	for (i = 0; i < ARRAY_SIZE(m->mmu); i++) {
		struct sysmmu_drvdata *mmu = &m->mmu[i];

		mmu->sysmmu = kunit_device_register(test, mmu_names[i]);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, mmu->sysmmu);
		mmu->master = m->dev;
		mmu->owner = &m->owner;
		mmu->iommu.ops = &exynos_iommu_ops;
		spin_lock_init(&mmu->lock);
		INIT_LIST_HEAD(&mmu->domain_node);
		list_add_tail(&mmu->owner_node, &m->owner.controllers);
	}

	/* They start suspended. */
	for (i = 0; i < ARRAY_SIZE(m->mmu); i++)
		pm_runtime_enable(m->mmu[i].sysmmu);
	m->iommu.priv = &m->owner;
	m->iommu.iommu_dev = &m->mmu[0].iommu;
	m->dev->iommu = &m->iommu;
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, exynos_iommu_test_forget, m));
	return m;
}

static void exynos_iommu_test_free(void *arg)
{
	exynos_iommu_domain_free(arg);
}

static struct iommu_domain *exynos_iommu_test_domain(struct kunit *test)
{
	struct iommu_domain *domain;

	if (!dma_dev)
		kunit_skip(test, "page tables need a System MMU to be mapped for");

	domain = exynos_iommu_domain_alloc_paging(NULL);
	KUNIT_ASSERT_NOT_NULL(test, domain);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, exynos_iommu_test_free,
						  domain));
	return domain;
}

static void exynos_iommu_test_attach(struct kunit *test,
				     struct exynos_iommu_test_master *m,
				     struct iommu_domain *domain)
{
	KUNIT_ASSERT_EQ(test, 0,
			exynos_iommu_attach_device(domain, m->dev,
						   m->owner.domain));
}

static void exynos_iommu_test_detach(struct kunit *test,
				     struct exynos_iommu_test_master *m)
{
	KUNIT_EXPECT_EQ(test, 0,
			exynos_iommu_identity_attach(&exynos_identity_domain,
						     m->dev, m->owner.domain));
}

/* All MMUs of a device must be attached to @domain, or to none if NULL. */
static void exynos_iommu_test_expect(struct kunit *test,
				     struct exynos_iommu_test_master *m,
				     struct iommu_domain *domain)
{
	struct exynos_iommu_domain *wanted =
		domain ? to_exynos_domain(domain) : NULL;
	phys_addr_t pgtable = wanted ? virt_to_phys(wanted->pgtable) : 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(m->mmu); i++) {
		struct sysmmu_drvdata *mmu = &m->mmu[i];

		KUNIT_EXPECT_PTR_EQ_MSG(test, mmu->domain, wanted,
					"%s has another domain",
					dev_name(mmu->sysmmu));
		KUNIT_EXPECT_TRUE(test, mmu->pgtable == pgtable);
		KUNIT_EXPECT_EQ_MSG(test, list_empty(&mmu->domain_node), !wanted,
				    "%s gets no TLB flushes, or some of others",
				    dev_name(mmu->sysmmu));
	}
}

static const char * const exynos_iommu_test_mmus[][2] = {
	{ "exynos-test-mmu0", "exynos-test-mmu1" },
	{ "exynos-test-mmu2", "exynos-test-mmu3" },
};

/* Detaching one device must not affect others attached to the same domain. */
static void exynos_iommu_test_detach_one(struct kunit *test)
{
	struct iommu_domain *domain = exynos_iommu_test_domain(test);
	struct exynos_iommu_test_master *stays =
		exynos_iommu_test_master(test, "exynos-test-stays",
					 exynos_iommu_test_mmus[0]);
	struct exynos_iommu_test_master *goes =
		exynos_iommu_test_master(test, "exynos-test-goes",
					 exynos_iommu_test_mmus[1]);

	exynos_iommu_test_attach(test, stays, domain);
	exynos_iommu_test_attach(test, goes, domain);
	exynos_iommu_test_expect(test, stays, domain);
	exynos_iommu_test_expect(test, goes, domain);

	exynos_iommu_test_detach(test, goes);
	exynos_iommu_test_expect(test, goes, NULL);
	exynos_iommu_test_expect(test, stays, domain);

	exynos_iommu_test_detach(test, stays);
	exynos_iommu_test_expect(test, stays, NULL);
}

/* Attaching a device to another domain must not affect the previous domain. */
static void exynos_iommu_test_move_one(struct kunit *test)
{
	struct iommu_domain *from = exynos_iommu_test_domain(test);
	struct iommu_domain *to = exynos_iommu_test_domain(test);
	struct exynos_iommu_test_master *stays =
		exynos_iommu_test_master(test, "exynos-test-stays",
					 exynos_iommu_test_mmus[0]);
	struct exynos_iommu_test_master *goes =
		exynos_iommu_test_master(test, "exynos-test-goes",
					 exynos_iommu_test_mmus[1]);

	exynos_iommu_test_attach(test, stays, from);
	exynos_iommu_test_attach(test, goes, from);

	exynos_iommu_test_attach(test, goes, to);
	exynos_iommu_test_expect(test, goes, to);
	exynos_iommu_test_expect(test, stays, from);

	exynos_iommu_test_detach(test, goes);
	exynos_iommu_test_detach(test, stays);
}

/**
 * struct exynos_iommu_test_area - pages that are mapped with one call
 * @iova: first IOVA
 * @paddr: first physical address
 * @size: size of the pages
 * @count: number of them
 */
struct exynos_iommu_test_area {
	sysmmu_iova_t iova;
	phys_addr_t paddr;
	size_t size;
	size_t count;
};

/**
 * struct exynos_iommu_test_range - areas that are unmapped with one call
 * @name: description of the case
 * @area: adjacent areas, terminated by one without pages
 */
struct exynos_iommu_test_range {
	const char *name;
	struct exynos_iommu_test_area area[5];
};

static const struct exynos_iommu_test_range exynos_iommu_test_ranges[] = {
	{ "a small page", {
		{ 0x20007000, 0x40123000, SPAGE_SIZE, 1 } } },
	{ "small pages of three tables", {
		{ 0x200ff000, 0x40001000, SPAGE_SIZE, 300 } } },
	{ "large pages of two tables", {
		{ 0x20110000, 0x40120000, LPAGE_SIZE, 20 } } },
	{ "sections", {
		{ 0x20100000, 0x50000000, SECT_SIZE, 3 } } },
	{ "pages of all sizes", {
		{ 0x201ed000, 0x40123000, SPAGE_SIZE, 3 },
		{ 0x201f0000, 0x40550000, LPAGE_SIZE, 1 },
		{ 0x20200000, 0x50000000, SECT_SIZE, 2 },
		{ 0x20400000, 0x47654000, SPAGE_SIZE, 17 } } },
	{ "the last pages of all", {
		{ 0xfff00000, 0x40110000, LPAGE_SIZE, 15 },
		{ 0xffff0000, 0x40123000, SPAGE_SIZE, 16 } } },
};

KUNIT_ARRAY_PARAM_DESC(exynos_iommu_test_ranges, exynos_iommu_test_ranges, name);

static size_t exynos_iommu_test_map(struct kunit *test,
				    struct iommu_domain *domain,
				    const struct exynos_iommu_test_area *area)
{
	size_t mapped = 0;

	KUNIT_ASSERT_EQ(test, 0,
			exynos_iommu_map(domain, area->iova, area->paddr,
					 area->size, area->count,
					 IOMMU_READ | IOMMU_WRITE, GFP_KERNEL,
					 &mapped));
	KUNIT_EXPECT_EQ(test, mapped, area->size * area->count);
	return mapped;
}

/* Number of small pages of an area, or parts of that size, that are mapped correctly. */
static size_t exynos_iommu_test_mapped(struct iommu_domain *domain,
				       const struct exynos_iommu_test_area *area)
{
	size_t i, n = 0;

	for (i = 0; i < area->size * area->count; i += SPAGE_SIZE)
		n += exynos_iommu_iova_to_phys(domain, area->iova + i + 0x234) ==
		     area->paddr + i + 0x234;
	return n;
}

static size_t exynos_iommu_test_unmapped(struct iommu_domain *domain,
					 sysmmu_iova_t iova, size_t size)
{
	size_t i, n = 0;

	for (i = 0; i < size; i += SPAGE_SIZE)
		n += !exynos_iommu_iova_to_phys(domain, iova + i);
	return n;
}

/*
 * Each page must be mapped correctly, nothing else, and one call must unmap them all. The
 * second pass uses existing tables.
 */
static void exynos_iommu_test_map_unmap(struct kunit *test)
{
	const struct exynos_iommu_test_range *range = test->param_value;
	struct iommu_domain *iommu_domain = exynos_iommu_test_domain(test);
	struct exynos_iommu_domain *domain = to_exynos_domain(iommu_domain);
	const struct exynos_iommu_test_area *area;
	sysmmu_iova_t start = range->area[0].iova;
	struct iommu_iotlb_gather gather;
	unsigned int i, pass;
	size_t size;

	for (pass = 0; pass < 2; pass++) {
		size = 0;
		for (area = range->area; area->count; area++)
			size += exynos_iommu_test_map(test, iommu_domain, area);

		for (area = range->area; area->count; area++)
			KUNIT_EXPECT_EQ(test,
					exynos_iommu_test_mapped(iommu_domain, area),
					area->size / SPAGE_SIZE * area->count);
		KUNIT_EXPECT_EQ(test, 0,
				exynos_iommu_iova_to_phys(iommu_domain, start - 1));
		KUNIT_EXPECT_EQ(test, 0,
				exynos_iommu_iova_to_phys(iommu_domain,
							  (sysmmu_iova_t)(start + size)));

		iommu_iotlb_gather_init(&gather);
		KUNIT_EXPECT_EQ(test, size,
				exynos_iommu_unmap(iommu_domain, start, SPAGE_SIZE,
						   size / SPAGE_SIZE, &gather));
		KUNIT_EXPECT_EQ(test, gather.start, start);
		KUNIT_EXPECT_EQ(test, gather.end, start + size - 1);
		KUNIT_EXPECT_EQ(test, size / SPAGE_SIZE,
				exynos_iommu_test_unmapped(iommu_domain, start, size));

		/* Tables must be empty, otherwise a section cannot replace them. */
		for (i = 0; i < NUM_LV1ENTRIES; i++)
			if (lv1ent_page(&domain->pgtable[i]))
				KUNIT_EXPECT_EQ(test, domain->lv2entcnt[i],
						NUM_LV2ENTRIES);
	}
}

/* Pages outside of the unmapped range must stay mapped. */
static void exynos_iommu_test_unmap_part(struct kunit *test)
{
	struct iommu_domain *domain = exynos_iommu_test_domain(test);
	struct exynos_iommu_test_area area = {
		0x200fe000, 0x40001000, SPAGE_SIZE, 300
	};
	struct iommu_iotlb_gather gather;

	exynos_iommu_test_map(test, domain, &area);
	iommu_iotlb_gather_init(&gather);
	KUNIT_EXPECT_EQ(test, 3 * SPAGE_SIZE,
			exynos_iommu_unmap(domain, 0x200ff000, SPAGE_SIZE, 3,
					   &gather));
	KUNIT_EXPECT_EQ(test, 297, exynos_iommu_test_mapped(domain, &area));

	/* The hole counts as unmapped. */
	KUNIT_EXPECT_EQ(test, 300 * SPAGE_SIZE,
			exynos_iommu_unmap(domain, area.iova, SPAGE_SIZE, 300,
					   &gather));
	KUNIT_EXPECT_EQ(test, 0, exynos_iommu_test_mapped(domain, &area));
}

/* More than enough for the registers of each version */
#define EXYNOS_IOMMU_TEST_REGS	SZ_64K

static u32 exynos_iommu_test_reg(struct sysmmu_drvdata *mmu, u32 offset)
{
	return readl(mmu->sfrbase + offset);
}

/* Back the registers of the MMUs by memory that reports each MMU as blocked. */
static void exynos_iommu_test_power(struct kunit *test,
				    struct exynos_iommu_test_master *m,
				    unsigned int version,
				    const struct sysmmu_variant *variant)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(m->mmu); i++) {
		struct sysmmu_drvdata *mmu = &m->mmu[i];
		void *regs = kunit_kzalloc(test, EXYNOS_IOMMU_TEST_REGS,
					   GFP_KERNEL);

		KUNIT_ASSERT_NOT_NULL(test, regs);
		mmu->sfrbase = (void __iomem *)regs;
		mmu->version = version;
		mmu->variant = variant;
		mmu->active = true;
		writel(1, mmu->sfrbase + REG_MMU_STATUS);
	}
}

/**
 * struct exynos_iommu_test_flush - expected registers after an unmap
 * @name: description of the case
 * @version: the version
 * @variant: the layout of its registers
 * @size: size of the pages
 * @count: number of them
 * @all: whether the whole TLB is flushed
 * @entry: last flushed entry, or 0
 * @first: first page of the flushed range, or 0
 * @last: last page of the flushed range
 */
struct exynos_iommu_test_flush {
	const char *name;
	unsigned int version;
	const struct sysmmu_variant *variant;
	size_t size;
	size_t count;
	u32 all;
	u32 entry;
	u32 first;
	u32 last;
};

#define EXYNOS_IOMMU_TEST_IOVA	0x20100000

static const struct exynos_iommu_test_flush exynos_iommu_test_flushes[] = {
	{ "v1, a small page", MAKE_MMU_VER(1, 0), &sysmmu_v1_variant,
	  SPAGE_SIZE, 1, 0, 0x20100001 },
	{ "v1, a few small pages", MAKE_MMU_VER(1, 0), &sysmmu_v1_variant,
	  SPAGE_SIZE, 16, 0, 0x2010f001 },
	{ "v1, many small pages", MAKE_MMU_VER(1, 0), &sysmmu_v1_variant,
	  SPAGE_SIZE, 256, 1 },
	{ "v1, large pages", MAKE_MMU_VER(1, 0), &sysmmu_v1_variant,
	  LPAGE_SIZE, 16, 0, 0x201f0001 },
	{ "v1, sections", MAKE_MMU_VER(1, 0), &sysmmu_v1_variant,
	  SECT_SIZE, 3, 0, 0x20300001 },
	{ "v2, a large page", MAKE_MMU_VER(2, 0), &sysmmu_v1_variant,
	  LPAGE_SIZE, 1, 0, 0x2010f001 },
	{ "v2, a section", MAKE_MMU_VER(2, 0), &sysmmu_v1_variant,
	  SECT_SIZE, 1, 1 },
	{ "v3.3, a section", MAKE_MMU_VER(3, 3), &sysmmu_v1_variant,
	  SECT_SIZE, 1, 0, 0x20100001 },
	{ "v5, a small page", MAKE_MMU_VER(5, 0), &sysmmu_v5_variant,
	  SPAGE_SIZE, 1, 0, 0x20100001 },
	{ "v5, many small pages", MAKE_MMU_VER(5, 0), &sysmmu_v5_variant,
	  SPAGE_SIZE, 300, 0, 0, 0x20100000, 0x2022b000 },
	{ "v7, sections", MAKE_MMU_VER(7, 4), &sysmmu_v7_vm_variant,
	  SECT_SIZE, 2, 0, 0, 0x20100000, 0x202ff000 },
};

KUNIT_ARRAY_PARAM_DESC(exynos_iommu_test_flushes, exynos_iommu_test_flushes, name);

/*
 * An unmap must flush the entries that each version requires, not before the core
 * requests it, and must unblock an MMU afterwards unless it stalls its master.
 */
static void exynos_iommu_test_flush(struct kunit *test)
{
	const struct exynos_iommu_test_flush *flush = test->param_value;
	const struct sysmmu_variant *variant = flush->variant;
	struct iommu_domain *domain = exynos_iommu_test_domain(test);
	struct exynos_iommu_test_master *m =
		exynos_iommu_test_master(test, "exynos-test-flush",
					 exynos_iommu_test_mmus[0]);
	struct exynos_iommu_test_area area = {
		EXYNOS_IOMMU_TEST_IOVA, 0x50000000, flush->size, flush->count
	};
	struct iommu_iotlb_gather gather;
	unsigned int i;

	exynos_iommu_test_attach(test, m, domain);
	exynos_iommu_test_map(test, domain, &area);
	exynos_iommu_test_power(test, m, flush->version, variant);
	m->mmu[1].stalled = true;

	iommu_iotlb_gather_init(&gather);
	exynos_iommu_unmap(domain, area.iova, area.size, area.count, &gather);
	KUNIT_EXPECT_EQ(test, 0, exynos_iommu_test_reg(&m->mmu[0], REG_MMU_CTRL));

	exynos_iommu_iotlb_sync(domain, &gather);
	for (i = 0; i < ARRAY_SIZE(m->mmu); i++) {
		struct sysmmu_drvdata *mmu = &m->mmu[i];

		KUNIT_EXPECT_EQ(test, flush->all,
				exynos_iommu_test_reg(mmu, variant->flush_all));
		KUNIT_EXPECT_EQ(test, flush->entry,
				exynos_iommu_test_reg(mmu, variant->flush_entry));
		if (variant->flush_range) {
			KUNIT_EXPECT_EQ(test, flush->first,
					exynos_iommu_test_reg(mmu, variant->flush_start));
			KUNIT_EXPECT_EQ(test, flush->last,
					exynos_iommu_test_reg(mmu, variant->flush_end));
			KUNIT_EXPECT_EQ(test, !!flush->first,
					exynos_iommu_test_reg(mmu, variant->flush_range));
		}
		KUNIT_EXPECT_EQ(test, mmu->stalled ? CTRL_BLOCK : CTRL_ENABLE,
				exynos_iommu_test_reg(mmu, REG_MMU_CTRL));
		mmu->active = false;
	}

	exynos_iommu_test_detach(test, m);
}

/*
 * Releasing a device must end its stall and clear its pending faults, and must not affect
 * another device of the domain.
 */
static void exynos_iommu_test_release_one(struct kunit *test)
{
	const struct sysmmu_variant *variant = &sysmmu_v1_variant;
	struct iommu_domain *domain = exynos_iommu_test_domain(test);
	struct exynos_iommu_test_master *stays =
		exynos_iommu_test_master(test, "exynos-test-stays",
					 exynos_iommu_test_mmus[0]);
	struct exynos_iommu_test_master *goes =
		exynos_iommu_test_master(test, "exynos-test-goes",
					 exynos_iommu_test_mmus[1]);
	struct exynos_iommu_test_master *both[] = { stays, goes };
	struct exynos_iommu_test_area area = {
		EXYNOS_IOMMU_TEST_IOVA, 0x50000000, SPAGE_SIZE, 1
	};
	struct iommu_iotlb_gather gather;
	unsigned int i;

	exynos_iommu_test_map(test, domain, &area);
	for (i = 0; i < ARRAY_SIZE(both); i++) {
		struct exynos_iommu_test_master *m = both[i];

		exynos_iommu_test_attach(test, m, domain);
		exynos_iommu_test_power(test, m, MAKE_MMU_VER(1, 0), variant);
		/* One stalls its master, the other has a pending fault. */
		m->mmu[0].stalled = true;
		writel(1, m->mmu[1].sfrbase + variant->int_status);
	}

	iommu_release_stalled(goes->dev);
	KUNIT_EXPECT_FALSE(test, goes->mmu[0].stalled);
	KUNIT_EXPECT_TRUE(test, stays->mmu[0].stalled);
	KUNIT_EXPECT_EQ(test, 1,
			exynos_iommu_test_reg(&goes->mmu[1], variant->int_clear));
	for (i = 0; i < ARRAY_SIZE(goes->mmu); i++) {
		struct sysmmu_drvdata *other = &stays->mmu[i];

		KUNIT_EXPECT_EQ(test, CTRL_ENABLE,
				exynos_iommu_test_reg(&goes->mmu[i], REG_MMU_CTRL));
		KUNIT_EXPECT_EQ(test, 1,
				exynos_iommu_test_reg(&goes->mmu[i],
						      variant->flush_all));
		KUNIT_EXPECT_EQ(test, 0,
				exynos_iommu_test_reg(other, REG_MMU_CTRL));
		KUNIT_EXPECT_EQ(test, 0,
				exynos_iommu_test_reg(other, variant->flush_all));
		KUNIT_EXPECT_EQ(test, 0,
				exynos_iommu_test_reg(other, variant->int_clear));
	}

	/* Unmapping must not release it either. */
	iommu_iotlb_gather_init(&gather);
	exynos_iommu_unmap(domain, area.iova, area.size, area.count, &gather);
	exynos_iommu_iotlb_sync(domain, &gather);
	KUNIT_EXPECT_TRUE(test, stays->mmu[0].stalled);
	KUNIT_EXPECT_EQ(test, CTRL_BLOCK,
			exynos_iommu_test_reg(&stays->mmu[0], REG_MMU_CTRL));

	for (i = 0; i < ARRAY_SIZE(both); i++) {
		both[i]->mmu[0].active = false;
		both[i]->mmu[1].active = false;
		exynos_iommu_test_detach(test, both[i]);
	}
}

/**
 * struct exynos_iommu_test_transition - what happens during a change of the power state
 * @name: description of the case
 * @suspends: whether the MMU suspends, otherwise it resumes
 * @attaches: whether the device is attached meanwhile, otherwise it is detached
 */
struct exynos_iommu_test_transition {
	const char *name;
	bool suspends;
	bool attaches;
};

static const struct exynos_iommu_test_transition exynos_iommu_test_transitions[] = {
	{ "attached while it suspends", true, true },
	{ "detached while it suspends", true, false },
	{ "attached while it resumes", false, true },
	{ "detached while it resumes", false, false },
};

/**
 * struct exynos_iommu_test_pm - the PM domain of an MMU
 * @domain: its callbacks
 * @test: the running test
 * @m: the master of the MMU
 * @to: domain to which the master is attached
 * @transition: what to do during the next change, or NULL
 */
struct exynos_iommu_test_pm {
	struct dev_pm_domain domain;
	struct kunit *test;
	struct exynos_iommu_test_master *m;
	struct iommu_domain *to;
	const struct exynos_iommu_test_transition *transition;
};

/*
 * The callback of the MMU has yet to run, or has run already: the status of runtime PM
 * is the same. Do not abort the test here, otherwise the status stays that of a change.
 */
static void exynos_iommu_test_in_transition(struct device *dev)
{
	struct exynos_iommu_test_pm *pm =
		container_of(dev->pm_domain, struct exynos_iommu_test_pm, domain);
	const struct exynos_iommu_test_transition *t = pm->transition;

	if (!t)
		return;
	if (t->attaches)
		KUNIT_EXPECT_EQ(pm->test, 0,
				exynos_iommu_attach_device(pm->to, pm->m->dev,
							   pm->m->owner.domain));
	else
		exynos_iommu_test_detach(pm->test, pm->m);
	KUNIT_EXPECT_EQ_MSG(pm->test, t->attaches, pm->m->mmu[0].active,
			    "the MMU is in the wrong state when %s", t->name);
}

static int exynos_iommu_test_suspend(struct device *dev)
{
	exynos_iommu_test_in_transition(dev);
	return exynos_sysmmu_suspend(dev);
}

static int exynos_iommu_test_resume(struct device *dev)
{
	int ret = exynos_sysmmu_resume(dev);

	exynos_iommu_test_in_transition(dev);
	return ret;
}

/*
 * An MMU that is powered must be enabled if and only if it is attached, whatever runtime
 * PM does when that changes.
 */
static void exynos_iommu_test_attach_in_transition(struct kunit *test)
{
	struct iommu_domain *domain = exynos_iommu_test_domain(test);
	struct exynos_iommu_test_master *m =
		exynos_iommu_test_master(test, "exynos-test-pm",
					 exynos_iommu_test_mmus[0]);
	struct sysmmu_drvdata *mmu = &m->mmu[0];
	struct exynos_iommu_test_pm pm = {
		.domain.ops.runtime_suspend = exynos_iommu_test_suspend,
		.domain.ops.runtime_resume = exynos_iommu_test_resume,
		.test = test, .m = m, .to = domain,
	};
	unsigned int i;

	exynos_iommu_test_power(test, m, MAKE_MMU_VER(1, 0), &sysmmu_v1_variant);
	mmu->active = false;
	m->mmu[1].active = false;
	dev_set_drvdata(mmu->sysmmu, mmu);
	mmu->sysmmu->pm_domain = &pm.domain;

	for (i = 0; i < ARRAY_SIZE(exynos_iommu_test_transitions); i++) {
		const struct exynos_iommu_test_transition *t =
			&exynos_iommu_test_transitions[i];

		if (!t->attaches)
			exynos_iommu_test_attach(test, m, domain);
		if (!t->suspends)
			pm.transition = t;
		KUNIT_EXPECT_EQ(test, 0, pm_runtime_resume_and_get(mmu->sysmmu));
		pm.transition = t->suspends ? t : NULL;
		KUNIT_EXPECT_EQ(test, 0, pm_runtime_put_sync_suspend(mmu->sysmmu));
		pm.transition = NULL;

		KUNIT_EXPECT_FALSE(test, mmu->active);
		mmu->active = false;
		exynos_iommu_test_detach(test, m);
	}
}

/* Succeeds if there is no address at which something is used, and none that faults. */
static void exynos_iommu_test_discard_table(struct kunit *test)
{
	unsigned int i, j, wrong = 0;
	sysmmu_pte_t *sent, *pent;
	phys_addr_t page;

	if (!dma_dev)
		kunit_skip(test, "page tables need a System MMU to be mapped for");

	page = spage_phys(page_entry(discard_table, 0));
	for (i = 0; i < NUM_LV1ENTRIES; i++) {
		sent = discard_table + i;
		KUNIT_ASSERT_TRUE(test, lv1ent_page(sent) && !lv1ent_zero(sent));
		for (j = 0; j < NUM_LV2ENTRIES; j++) {
			pent = page_entry(sent, j * SPAGE_SIZE);
			wrong += *pent != mk_lv2ent_spage(page, IOMMU_READ |
							  IOMMU_WRITE);
		}
	}
	KUNIT_EXPECT_EQ(test, 0, wrong);
}

/*
 * Succeeds if a device's accesses are discarded from when that is asked for until it
 * is released or detached; who looks after the domain meanwhile does not end it.
 */
static void exynos_iommu_test_discard(struct kunit *test)
{
	const struct sysmmu_variant *variant = &sysmmu_v1_variant;
	struct iommu_domain *domain = exynos_iommu_test_domain(test);
	struct exynos_iommu_test_master *m =
		exynos_iommu_test_master(test, "exynos-test-discard",
					 exynos_iommu_test_mmus[0]);
	struct exynos_iommu_test_area area = {
		EXYNOS_IOMMU_TEST_IOVA, 0x50000000, SPAGE_SIZE, 1
	};
	struct iommu_iotlb_gather gather;
	struct sysmmu_drvdata *mmu;
	unsigned int i;

	exynos_iommu_test_attach(test, m, domain);
	exynos_iommu_test_map(test, domain, &area);
	exynos_iommu_test_power(test, m, MAKE_MMU_VER(1, 0), variant);
	/* One holds its master, the other one has a fault to report. */
	m->mmu[0].stalled = true;
	writel(1, m->mmu[1].sfrbase + variant->int_status);

	iommu_discard_stalled(m->dev);
	KUNIT_EXPECT_EQ(test, 1,
			exynos_iommu_test_reg(&m->mmu[1], variant->int_clear));

	iommu_iotlb_gather_init(&gather);
	exynos_iommu_unmap(domain, area.iova, area.size, area.count, &gather);
	exynos_iommu_iotlb_sync(domain, &gather);
	for (i = 0; i < ARRAY_SIZE(m->mmu); i++) {
		mmu = &m->mmu[i];
		KUNIT_EXPECT_TRUE(test, sysmmu_holds_master(mmu));
		KUNIT_EXPECT_EQ(test, CTRL_ENABLE,
				exynos_iommu_test_reg(mmu, REG_MMU_CTRL));
		KUNIT_EXPECT_EQ(test, virt_to_phys(discard_table),
				exynos_iommu_test_reg(mmu, variant->pt_base));
		KUNIT_EXPECT_EQ(test, 1,
				exynos_iommu_test_reg(mmu, variant->flush_all));
		writel(0, mmu->sfrbase + variant->flush_all);
		writel(0, mmu->sfrbase + variant->int_status);
	}

	iommu_release_stalled(m->dev);
	for (i = 0; i < ARRAY_SIZE(m->mmu); i++) {
		mmu = &m->mmu[i];
		KUNIT_EXPECT_FALSE(test, sysmmu_holds_master(mmu));
		KUNIT_EXPECT_EQ(test, CTRL_ENABLE,
				exynos_iommu_test_reg(mmu, REG_MMU_CTRL));
		KUNIT_EXPECT_EQ(test, mmu->pgtable,
				exynos_iommu_test_reg(mmu, variant->pt_base));
		KUNIT_EXPECT_EQ(test, 1,
				exynos_iommu_test_reg(mmu, variant->flush_all));
	}

	iommu_discard_stalled(m->dev);
	for (i = 0; i < ARRAY_SIZE(m->mmu); i++) {
		mmu = &m->mmu[i];
		__sysmmu_disable(mmu);
		KUNIT_EXPECT_FALSE(test, mmu->active);
		KUNIT_EXPECT_TRUE(test, sysmmu_holds_master(mmu));
		KUNIT_EXPECT_EQ(test, CTRL_BLOCK,
				exynos_iommu_test_reg(mmu, REG_MMU_CTRL));
		/* Nor does it go on when it is enabled again. */
		sysmmu_unblock(mmu);
		KUNIT_EXPECT_EQ(test, CTRL_BLOCK,
				exynos_iommu_test_reg(mmu, REG_MMU_CTRL));
	}
	exynos_iommu_test_detach(test, m);
}

/* Succeeds if those versions forget that nothing was mapped that may remember it. */
static void exynos_iommu_test_sync_map(struct kunit *test)
{
	static const struct {
		unsigned int version;
		const struct sysmmu_variant *variant;
		u32 entry;
	} flushes[] = {
		{ MAKE_MMU_VER(1, 0), &sysmmu_v1_variant, 0 },
		{ MAKE_MMU_VER(2, 0), &sysmmu_v1_variant, 0 },
		{ MAKE_MMU_VER(3, 1), &sysmmu_v1_variant, 0x20101001 },
		{ MAKE_MMU_VER(3, 3), &sysmmu_v1_variant, 0x20101001 },
		{ MAKE_MMU_VER(5, 0), &sysmmu_v5_variant, 0 },
	};
	struct iommu_domain *domain = exynos_iommu_test_domain(test);
	struct exynos_iommu_test_master *m =
		exynos_iommu_test_master(test, "exynos-test-sync",
					 exynos_iommu_test_mmus[0]);
	unsigned int i;

	exynos_iommu_test_attach(test, m, domain);
	for (i = 0; i < ARRAY_SIZE(flushes); i++) {
		exynos_iommu_test_power(test, m, flushes[i].version,
					flushes[i].variant);
		KUNIT_EXPECT_EQ(test, 0,
				exynos_iommu_iotlb_sync_map(domain,
							    EXYNOS_IOMMU_TEST_IOVA,
							    2 * SPAGE_SIZE));
		KUNIT_EXPECT_EQ(test, flushes[i].entry,
				exynos_iommu_test_reg(&m->mmu[0],
						      flushes[i].variant->flush_entry));
	}
	m->mmu[0].active = false;
	m->mmu[1].active = false;
	exynos_iommu_test_detach(test, m);
}

static struct kunit_case exynos_iommu_test_cases[] = {
	KUNIT_CASE(exynos_iommu_test_detach_one),
	KUNIT_CASE(exynos_iommu_test_move_one),
	KUNIT_CASE_PARAM(exynos_iommu_test_map_unmap,
			 exynos_iommu_test_ranges_gen_params),
	KUNIT_CASE(exynos_iommu_test_unmap_part),
	KUNIT_CASE_PARAM(exynos_iommu_test_flush,
			 exynos_iommu_test_flushes_gen_params),
	KUNIT_CASE(exynos_iommu_test_sync_map),
	KUNIT_CASE(exynos_iommu_test_release_one),
	KUNIT_CASE(exynos_iommu_test_attach_in_transition),
	KUNIT_CASE(exynos_iommu_test_discard_table),
	KUNIT_CASE(exynos_iommu_test_discard),
	{}
};

static struct kunit_suite exynos_iommu_test_suite = {
	.name = "exynos-iommu",
	.test_cases = exynos_iommu_test_cases,
};

kunit_test_suite(exynos_iommu_test_suite);
