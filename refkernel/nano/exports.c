/* SPDX-License-Identifier: BSD-2-Clause */
/* exports: see exports.h. What is not here cannot be named from a module. */
#include "exports.h"

#include "modules.h"

#define EXPORT(symbol) { #symbol, (uintptr_t)symbol }
#define EXPORT_AS(name, symbol) { #name, (uintptr_t)symbol }

static const struct loader_export list[] = {
	EXPORT(nano_allocation_fail),
	EXPORT(nano_allocation_fails),
	EXPORT(nano_allocation_pending),
	EXPORT(nano_broken),
	EXPORT(nano_caller),
	EXPORT(nano_check),
	EXPORT(nano_clock),
	EXPORT(nano_device_map),
	EXPORT(nano_event_bind),
	EXPORT(nano_exit),
	EXPORT(nano_fault_inject),
	EXPORT(nano_fault_quiet),
	EXPORT(nano_frames_claim),
	EXPORT(nano_iface_info),
	EXPORT(nano_in_interrupt),
	EXPORT(nano_interrupt_bind),
	EXPORT(nano_interrupt_controller),
	EXPORT(nano_lines),
	EXPORT(nano_log),
	EXPORT(nano_memory_bytes),
	EXPORT(nano_memory_info),
	EXPORT(nano_module_check),
	EXPORT(nano_module_info),
	EXPORT(nano_processor_info),
	EXPORT(nano_processor_nudge),
	EXPORT(nano_realm),
	EXPORT(nano_reboot),
	EXPORT(nano_scheduler_bind),
	EXPORT(nano_screen),
	EXPORT(nano_self),
	EXPORT(nano_state_info),
	EXPORT(nano_symbolize),
	EXPORT(nano_thread_block),
	EXPORT(nano_thread_exit),
	EXPORT(nano_thread_forget),
	EXPORT(nano_thread_info),
	EXPORT(nano_thread_join),
	EXPORT(nano_thread_make),
	EXPORT(nano_thread_self),
	EXPORT(nano_thread_wake),
	EXPORT(nano_thread_yield),
	EXPORT(nano_timer_arm),
	EXPORT(nano_timer_kick),
	EXPORT(nano_timer_line),
	EXPORT(nano_trace_bind),
	EXPORT(nano_trace_lost),
	EXPORT(nano_use_info),
	EXPORT(nano_wake),
	EXPORT(sfp_fault_kind_text),
	EXPORT_AS(sfp_fault_raise, iface_fault_raise),
	EXPORT(sfp_gate_call),
	EXPORT_AS(sfp_iface_call, iface_call),
	EXPORT(sfp_port_wait),
	EXPORT(sfp_port_wake),
	EXPORT(sfp_port_wake_one),
};

const struct loader_exports nano_exports = { list, sizeof(list) / sizeof(list[0]) };
