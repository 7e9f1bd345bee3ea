// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of the Exynos System MMU driver, which includes this file.
 *
 * The devices and their System MMUs are made up. The MMUs are suspended all the
 * time, so that nothing looks for their registers.
 */

#include <kunit/device.h>
#include <kunit/test.h>

/**
 * struct exynos_iommu_test_master - a device behind System MMUs of its own
 * @dev: the device
 * @iommu: what the core keeps of a device that has an IOMMU
 * @owner: what the driver keeps of it
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
	for (i = 0; i < ARRAY_SIZE(m->mmu); i++)
		pm_runtime_disable(m->mmu[i].sysmmu);
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
		spin_lock_init(&mmu->lock);
		INIT_LIST_HEAD(&mmu->domain_node);
		list_add_tail(&mmu->owner_node, &m->owner.controllers);
	}

	/* A device that does not use runtime PM counts as active. */
	for (i = 0; i < ARRAY_SIZE(m->mmu); i++)
		pm_runtime_enable(m->mmu[i].sysmmu);
	m->iommu.priv = &m->owner;
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

/* Succeeds if all of a device's MMUs, and no others, know the domain. */
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

/* Succeeds if a device that is detached leaves alone who shares its domain. */
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

/* Succeeds if a device that goes to another domain leaves the first one whole. */
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

static struct kunit_case exynos_iommu_test_cases[] = {
	KUNIT_CASE(exynos_iommu_test_detach_one),
	KUNIT_CASE(exynos_iommu_test_move_one),
	{}
};

static struct kunit_suite exynos_iommu_test_suite = {
	.name = "exynos-iommu",
	.test_cases = exynos_iommu_test_cases,
};

kunit_test_suite(exynos_iommu_test_suite);
