/*
 * Data cache maintenance on machines that model the caches
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/host-utils.h"
#include "cpu.h"
#include "cpregs.h"
#include "internals.h"
#include "exec/exec-all.h"
#include "target/arm/dcache-if.h"

/*
 * Operations by address are for the line in every cache, however the address
 * is mapped: a mapping that is not cacheable will do (ARM DDI 0406C, B2.2).
 */
static void dcache_maintain_line(CPUARMState *env, uint64_t va,
                                 ARMDCacheOp op)
{
    ARMCPU *cpu = env_archcpu(env);
    CPUTLBEntryFull *full;
    void *host;

    /* The CPU's state was synchronized for the fault that this may raise. */
    probe_access_full(env, va, MMU_DATA_LOAD, cpu_mmu_index(env, false), false,
                      &host, &full, 0);
    cpu->dcache_ops->maintain_line((ARMDCacheIf *)cpu->dcache, full->phys_addr |
                                   (va & ~TARGET_PAGE_MASK),
                                   4 << extract32(cpu->ctr, 16, 4), op);
}

/* And those by set and way for the first level, which is the only one. */
static void dcache_maintain_set_way(CPUARMState *env, uint32_t value,
                                    ARMDCacheOp op)
{
    ARMCPU *cpu = env_archcpu(env);
    uint32_t ccsidr = cpu->ccsidr[0];
    unsigned int line_shift = extract32(ccsidr, 0, 3) + 4;
    unsigned int ways = extract32(ccsidr, 3, 10) + 1;
    unsigned int sets = extract32(ccsidr, 13, 15) + 1;
    unsigned int way_bits = 32 - clz32(ways - 1);
    unsigned int set = extract32(value, line_shift, 32 - line_shift - way_bits);
    unsigned int way = way_bits ? value >> (32 - way_bits) : 0;

    if (extract32(value, 1, 3) || set >= sets || way >= ways) {
        return;
    }
    cpu->dcache_ops->maintain_set_way((ARMDCacheIf *)cpu->dcache, set, way,
                                      sets, ways, 1 << line_shift, op);
}

static void dcimvac_write(CPUARMState *env, const ARMCPRegInfo *ri,
                          uint64_t value)
{
    dcache_maintain_line(env, value, ARM_DCACHE_INVALIDATE);
}

static void dccmva_write(CPUARMState *env, const ARMCPRegInfo *ri,
                         uint64_t value)
{
    dcache_maintain_line(env, value, ARM_DCACHE_CLEAN);
}

static void dccimvac_write(CPUARMState *env, const ARMCPRegInfo *ri,
                           uint64_t value)
{
    dcache_maintain_line(env, value, ARM_DCACHE_CLEAN_INVALIDATE);
}

/*
 * The model has one cache for all CPUs.  One whose cache is off does this to it
 * before it is switched on, when it is empty: it loses nothing of the others.
 */
static void dcisw_write(CPUARMState *env, const ARMCPRegInfo *ri,
                        uint64_t value)
{
    if (arm_sctlr(env, arm_current_el(env)) & SCTLR_C) {
        dcache_maintain_set_way(env, value, ARM_DCACHE_INVALIDATE);
    }
}

static void dccsw_write(CPUARMState *env, const ARMCPRegInfo *ri,
                        uint64_t value)
{
    dcache_maintain_set_way(env, value, ARM_DCACHE_CLEAN);
}

static void dccisw_write(CPUARMState *env, const ARMCPRegInfo *ri,
                         uint64_t value)
{
    dcache_maintain_set_way(env, value, ARM_DCACHE_CLEAN_INVALIDATE);
}

/* In place of the operations that do nothing */
#define DCACHE_OP(NAME, CRM, OPC2, FN) \
    { .name = NAME, .cp = 15, .opc1 = 0, .crn = 7, .crm = CRM, .opc2 = OPC2, \
      .access = PL1_W, .writefn = FN, \
      .type = ARM_CP_OVERRIDE | ARM_CP_NO_RAW | ARM_CP_RAISES_EXC | \
              ARM_CP_SUPPRESS_TB_END }

static const ARMCPRegInfo dcache_cp_reginfo[] = {
    DCACHE_OP("DCIMVAC", 6, 1, dcimvac_write),
    DCACHE_OP("DCISW", 6, 2, dcisw_write),
    DCACHE_OP("DCCMVAC", 10, 1, dccmva_write),
    DCACHE_OP("DCCSW", 10, 2, dccsw_write),
    DCACHE_OP("DCCMVAU", 11, 1, dccmva_write),
    DCACHE_OP("DCCIMVAC", 14, 1, dccimvac_write),
    DCACHE_OP("DCCISW", 14, 2, dccisw_write),
};

/* Called for every store to memory that is cached. */
void arm_cpu_store_cached(CPUState *cs, hwaddr pa, unsigned size)
{
    ARMCPU *cpu = ARM_CPU(cs);

    cpu->dcache_ops->store((ARMDCacheIf *)cpu->dcache, pa, size);
}

void arm_define_dcache_regs(ARMCPU *cpu)
{
    define_arm_cp_regs(cpu, dcache_cp_reginfo);
}
