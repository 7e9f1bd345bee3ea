# SPDX-License-Identifier: GPL-2.0-or-later
# The Exynos4210 boards and nothing else; the rest is what their code calls
# without selecting it.

CONFIG_EXYNOS4=y
CONFIG_ARM_V7M=y
CONFIG_I2C=y
CONFIG_PL330=y
CONFIG_SD=y
CONFIG_SPLIT_IRQ=y
