/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracepoints of userptr objects and jobs.
 */

#if !defined(_EXYNOS_DRM_TRACE_H_) || defined(TRACE_HEADER_MULTI_READ)
#define _EXYNOS_DRM_TRACE_H_

#include <linux/mmu_notifier.h>
#include <linux/tracepoint.h>
#include <linux/types.h>

#include "exynos_drm_userptr.h"

#undef TRACE_SYSTEM
#define TRACE_SYSTEM exynos_drm
#define TRACE_INCLUDE_FILE exynos_drm_trace

TRACE_EVENT(exynos_userptr_populate,
	    TP_PROTO(const struct exynos_drm_userptr *up, bool write, int ret),
	    TP_ARGS(up, write, ret),

	    TP_STRUCT__entry(__field(unsigned long, start)
			     __field(size_t, size)
			     __field(bool, write)
			     __field(int, ret)),

	    TP_fast_assign(__entry->start = up->start;
			   __entry->size = up->size;
			   __entry->write = write;
			   __entry->ret = ret;),

	    TP_printk("%#lx+%zu %s: %d", __entry->start, __entry->size,
		      __entry->write ? "rw" : "ro", __entry->ret)
);

TRACE_EVENT(exynos_userptr_invalidate,
	    TP_PROTO(const struct exynos_drm_userptr *up,
		     const struct mmu_notifier_range *range, s64 waited),
	    TP_ARGS(up, range, waited),

	    TP_STRUCT__entry(__field(unsigned long, start)
			     __field(size_t, size)
			     __field(unsigned long, range_start)
			     __field(unsigned long, range_end)
			     __field(int, event)
			     __field(s64, waited)),

	    TP_fast_assign(__entry->start = up->start;
			   __entry->size = up->size;
			   __entry->range_start = range->start;
			   __entry->range_end = range->end;
			   __entry->event = range->event;
			   __entry->waited = waited;),

	    TP_printk("%#lx+%zu by %#lx-%#lx event %d, waited %lld us",
		      __entry->start, __entry->size, __entry->range_start,
		      __entry->range_end, __entry->event, __entry->waited)
);

TRACE_EVENT(exynos_userptr_evict,
	    TP_PROTO(const struct exynos_drm_userptr *up, size_t bytes),
	    TP_ARGS(up, bytes),

	    TP_STRUCT__entry(__field(unsigned long, start)
			     __field(size_t, size)
			     __field(size_t, bytes)),

	    TP_fast_assign(__entry->start = up->start;
			   __entry->size = up->size;
			   __entry->bytes = bytes;),

	    TP_printk("%#lx+%zu, %zu bytes", __entry->start, __entry->size,
		      __entry->bytes)
);

DECLARE_EVENT_CLASS(exynos_job,
		    TP_PROTO(const char *engine, u64 seqno,
			     unsigned int blits, int error),
		    TP_ARGS(engine, seqno, blits, error),

		    TP_STRUCT__entry(__string(engine, engine)
			     __field(u64, seqno)
			     __field(unsigned int, blits)
			     __field(int, error)),

		    TP_fast_assign(__assign_str(engine);
			   __entry->seqno = seqno;
			   __entry->blits = blits;
			   __entry->error = error;),

		    TP_printk("%s %llu, %u blits, error %d", __get_str(engine),
			      __entry->seqno, __entry->blits,
			      __entry->error)
);

DEFINE_EVENT(exynos_job, exynos_job_queue,
	     TP_PROTO(const char *engine, u64 seqno, unsigned int blits,
		      int error),
	     TP_ARGS(engine, seqno, blits, error));

DEFINE_EVENT(exynos_job, exynos_job_start,
	     TP_PROTO(const char *engine, u64 seqno, unsigned int blits,
		      int error),
	     TP_ARGS(engine, seqno, blits, error));

DEFINE_EVENT(exynos_job, exynos_job_done,
	     TP_PROTO(const char *engine, u64 seqno, unsigned int blits,
		      int error),
	     TP_ARGS(engine, seqno, blits, error));

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#include <trace/define_trace.h>
