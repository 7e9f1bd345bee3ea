/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Put before each source that scripts/lint gives to sparse.
 *
 * Linux 7.3 has no lock annotations for sparse any more, only for the context
 * analysis of clang 22, which Debian 12 does not have.  They are put back here
 * for the locks that drivers take, so that sparse goes on telling a path that
 * leaves one of them in another state than its other paths.
 *
 * sparse 0.6.4 is older than __typeof_unqual__ (scripts/lint defines it as
 * __typeof__) and does not compute strlen() of a literal, which MODULE_INFO()
 * asserts with.
 */
#ifndef EXYNOS_USERPTR_SPARSE_H
#define EXYNOS_USERPTR_SPARSE_H

#include <linux/module.h>
#include <linux/mmap_lock.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/rwsem.h>
#include <linux/spinlock.h>
#include <linux/dma-resv.h>
#include <drm/drm_drv.h>

#undef MODULE_INFO
#define MODULE_INFO(tag, info)						\
	static const char __UNIQUE_ID(modinfo)[]			\
		__used __section(".modinfo") __aligned(1)		\
		= __MODULE_INFO_PREFIX __stringify(tag) "=" info

#undef __acquires
#undef __acquires_shared
#undef __releases
#undef __releases_shared
#undef __must_hold
#undef __must_hold_shared
#undef __acquire
#undef __release
#define __acquires(x)		__attribute__((context(x, 0, 1)))
#define __acquires_shared(x)	__attribute__((context(x, 0, 1)))
#define __releases(x)		__attribute__((context(x, 1, 0)))
#define __releases_shared(x)	__attribute__((context(x, 1, 0)))
#define __must_hold(x)		__attribute__((context(x, 1, 1)))
#define __must_hold_shared(x)	__attribute__((context(x, 1, 1)))
#define __acquire(x)		__context__(x, 1)
#define __release(x)		__context__(x, -1)

#define SPARSE_LOCK(x, call)	({ call; __acquire(x); })
#define SPARSE_UNLOCK(x, call)	({ __release(x); call; })
/*
 * sparse does not see that the value of a call and the lock go together: it merges
 * the paths and complains of any code that drops the lock later.  So each file is
 * checked twice, once for locks that are always had and once for locks that never
 * are.  SPARSE_TRY is for calls that return true with the lock, SPARSE_TRY_ERR for
 * those that return 0.
 */
#ifndef SPARSE_LOCKS_FAIL
#define SPARSE_TRY(x, call)	({ (void)(call); __acquire(x); 1; })
#define SPARSE_TRY_ERR(x, call)	({ (void)(call); __acquire(x); 0; })
#else
#define SPARSE_TRY(x, call)	({ (void)(call); 0; })
#define SPARSE_TRY_ERR(x, call)	({ (void)(call); -EINTR; })
#endif

#define spin_lock(l)			SPARSE_LOCK(l, (spin_lock)(l))
#define spin_lock_irq(l)		SPARSE_LOCK(l, (spin_lock_irq)(l))
#define spin_lock_bh(l)			SPARSE_LOCK(l, (spin_lock_bh)(l))
#undef spin_lock_irqsave
#define spin_lock_irqsave(l, f)		SPARSE_LOCK(l, (f) = _raw_spin_lock_irqsave(spinlock_check(l)))
#define spin_trylock(l)			SPARSE_TRY(l, (spin_trylock)(l))
#define spin_unlock(l)			SPARSE_UNLOCK(l, (spin_unlock)(l))
#define spin_unlock_irq(l)		SPARSE_UNLOCK(l, (spin_unlock_irq)(l))
#define spin_unlock_bh(l)		SPARSE_UNLOCK(l, (spin_unlock_bh)(l))
#define spin_unlock_irqrestore(l, f)	SPARSE_UNLOCK(l, (spin_unlock_irqrestore)(l, f))

/* With and without lockdep these are macros in other ways; here they are functions. */
void sparse_mutex_lock(struct mutex *lock);
int sparse_mutex_try(struct mutex *lock);
void sparse_down(struct rw_semaphore *sem);
int sparse_down_try(struct rw_semaphore *sem);

#undef mutex_lock
#undef mutex_lock_nested
#undef mutex_lock_interruptible
#undef mutex_lock_killable
#undef mutex_trylock
#define mutex_lock(l)			SPARSE_LOCK(l, sparse_mutex_lock(l))
#define mutex_lock_nested(l, c)		SPARSE_LOCK(l, sparse_mutex_lock(l))
#define mutex_lock_interruptible(l)	SPARSE_TRY_ERR(l, sparse_mutex_try(l))
#define mutex_lock_killable(l)		SPARSE_TRY_ERR(l, sparse_mutex_try(l))
#define mutex_trylock(l)		SPARSE_TRY(l, sparse_mutex_try(l))
#define mutex_unlock(l)			SPARSE_UNLOCK(l, (mutex_unlock)(l))

#undef down_read_nested
#undef down_write_nested
#define down_read(s)			SPARSE_LOCK(s, (down_read)(s))
#define down_read_nested(s, c)		SPARSE_LOCK(s, sparse_down(s))
#define down_read_interruptible(s)	SPARSE_TRY_ERR(s, (down_read_interruptible)(s))
#define down_read_killable(s)		SPARSE_TRY_ERR(s, (down_read_killable)(s))
#define down_read_trylock(s)		SPARSE_TRY(s, (down_read_trylock)(s))
#define down_write(s)			SPARSE_LOCK(s, (down_write)(s))
#define down_write_nested(s, c)		SPARSE_LOCK(s, sparse_down(s))
#define down_write_killable(s)		SPARSE_TRY_ERR(s, (down_write_killable)(s))
#define down_write_trylock(s)		SPARSE_TRY(s, (down_write_trylock)(s))
#define up_read(s)			SPARSE_UNLOCK(s, (up_read)(s))
#define up_write(s)			SPARSE_UNLOCK(s, (up_write)(s))

#define rcu_read_lock()			SPARSE_LOCK(RCU, (rcu_read_lock)())
#define rcu_read_unlock()		SPARSE_UNLOCK(RCU, (rcu_read_unlock)())
#define mmap_read_lock(mm)		SPARSE_LOCK(mm, (mmap_read_lock)(mm))
#define mmap_read_lock_killable(mm)	SPARSE_TRY_ERR(mm, (mmap_read_lock_killable)(mm))
#define mmap_read_trylock(mm)		SPARSE_TRY(mm, (mmap_read_trylock)(mm))
#define mmap_read_unlock(mm)		SPARSE_UNLOCK(mm, (mmap_read_unlock)(mm))

#define dma_resv_lock(o, c)		SPARSE_TRY_ERR(o, (dma_resv_lock)(o, c))
#define dma_resv_lock_interruptible(o, c) SPARSE_TRY_ERR(o, (dma_resv_lock_interruptible)(o, c))
#define dma_resv_trylock(o)		SPARSE_TRY(o, (dma_resv_trylock)(o))
#define dma_resv_unlock(o)		SPARSE_UNLOCK(o, (dma_resv_unlock)(o))

#define drm_dev_enter(d, i)		SPARSE_TRY(i, (drm_dev_enter)(d, i))
#define drm_dev_exit(i)			SPARSE_UNLOCK(i, (drm_dev_exit)(i))

#endif
