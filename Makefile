# SPDX-License-Identifier: GPL-2.0-only
# The one entry point.  Each target is a script under scripts/ that can be run
# by itself and has --help.

KERNEL ?= 7.3
BOARD ?= iommu
FLAVOUR ?= fast
VARIANT ?= patched
export KERNEL

.PHONY: run test bench soak series debian modules lint shell clean distclean help

help:
	@echo 'make run [IMAGE=FILE]   build everything, boot the virtual Exynos, blit out of'
	@echo '                        malloc()ed memory; leaves out/demo/blit.png and report.txt'
	@echo 'make test [GROUP=...]   run the tests (tools lint models libdrm igt knobs caches'
	@echo '                        board bugs series stable distro bench demo); GROUP="igt" runs'
	@echo '                        one, GROUP="igt=unmap-*" the subtests that match'
	@echo 'make bench [CASE=...]   count what the driver costs, beside everything else; leaves'
	@echo '                        a table and plots in out/bench; CASE="oneshot warm" runs two'
	@echo 'make series [TOPIC=...] out/series: for each topic, or for one, a folder with a cover'
	@echo '                        letter and the patches, ready to be mailed'
	@echo 'make debian             out/debian-VERSION: the patches as a quilt series with DEP-3'
	@echo '                        headers, and the options that a configuration needs'
	@echo 'make modules KDIR=DIR   out/modules-RELEASE: exynosdrm with the 2D engine for a kernel'
	@echo "                        that is there, such as a distribution's"
	@echo 'make soak               what takes longer than make test: each step of the series,'
	@echo '                        built for arm, arm64 and x86_64, each of the fixes for'
	@echo "                        Linux 6.12 for arm, libdrm's programs on that kernel, three"
	@echo "                        kernels as Debian configures them for armhf, modules for 7.2,"
	@echo '                        all subtests of the knobs, and'
	@echo '                        all programs on the boards with caches, by three seeds,'
	@echo '                        and a million random calls on the debug kernel'
	@echo 'make lint               run the checkers of the upstream projects over the sources'
	@echo 'make shell              a shell on the virtual Exynos; BOARD=iommu|noiommu|...,'
	@echo '                        FLAVOUR=fast|debug, VARIANT=patched|fixes|pristine'
	@echo 'make clean              remove build/ and out/; the cache stays'
	@echo 'make distclean          remove the cache too'
	@echo
	@echo 'KERNEL=7.3|VERSION|PATH chooses the kernel: a version that Debian packages as'
	@echo 'linux-source-VERSION, or a source tree.  KERNEL=6.12 gets the fixes only.'
	@echo 'JOBS=N limits the build.  Finished builds are kept in'
	@echo '$${XDG_CACHE_HOME:-~/.cache}/exynos-userptr.'

run:
	@scripts/demo $(if $(IMAGE),--image='$(IMAGE)')

test:
	@set -f; scripts/test $(GROUP)

bench:
	@scripts/bench $(CASE)

soak:
	@scripts/series --check --all-arches
	@KERNEL=6.12 scripts/series --check
	@KERNEL=6.12 scripts/test libdrm
	@for k in 7.3 7.2 6.12; do KERNEL=$$k tests/tools/debian --build || exit; done
	@tests/tools/modules 7.2
	@scripts/test 'knobs=*'
	@for seed in 1 2 3; do EVICT=$$seed scripts/test 'caches=*' || exit; done
	@for seed in 1 2 3 4 5 6 7 8 9 10; do \
		EXYNOS_FUZZ_SEED=$$seed EXYNOS_FUZZ_COUNT=50000 scripts/test 'igt=fuzz-*' || exit; done

series:
	@scripts/series export $(TOPIC)

debian:
	@scripts/series debian

# The kernel is that of KDIR, if the caller does not name one.
modules:
	@$(if $(filter file,$(origin KERNEL)),KERNEL=) scripts/build-modules $(if $(KDIR),'$(KDIR)')

lint:
	@scripts/lint

shell:
	@programs=$$(scripts/build-guest) && \
	exec scripts/board shell --board=$(BOARD) --kernel=$(VARIANT) --flavour=$(FLAVOUR) --add="$$programs"

clean:
	rm -rf build out

distclean: clean
	rm -rf "$${XDG_CACHE_HOME:-$$HOME/.cache}/exynos-userptr"
