# SPDX-License-Identifier: BSD-2-Clause
#
# One copy of the headers a seeded bug: a named order is taken away, and the
# stress test must then end in a report of the thread sanitizer. What no such
# copy is reported for would not be tested.

# In FILE of the library replace FROM by TO.
function(sfp_weaken name file from to)
	set(folder ${CMAKE_CURRENT_BINARY_DIR}/weak-${name})
	set(original ${PROJECT_SOURCE_DIR}/${file})
	set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${original})
	file(READ ${original} text)
	string(FIND "${text}" "${from}" at)
	if(at EQUAL -1)
		message(FATAL_ERROR "stress: ${file} has no '${from}' to weaken")
	endif()
	string(REPLACE "${from}" "${to}" text "${text}")
	file(CONFIGURE OUTPUT ${folder}/${file} CONTENT "${text}" @ONLY)
	if(file MATCHES "[.]c$")
		set(core ${folder}/${file})
	endif()
	sfp_add_stress(weak_${name} ${core})
	target_include_directories(stress_weak_${name} BEFORE PRIVATE ${folder}/include)
	add_test(NAME stress/dfq/weak-${name} COMMAND stress_weak_${name} --operations 400000)
	set_tests_properties(stress/dfq/weak-${name} PROPERTIES
		TIMEOUT 300 ENVIRONMENT "TSAN_OPTIONS=halt_on_error=1"
		PASS_REGULAR_EXPRESSION "ThreadSanitizer: data race")
endfunction()

sfp_weaken(push include/sfp/atomic.h
	"__atomic_compare_exchange_n(at, expected, to, false, __ATOMIC_RELEASE, __ATOMIC_RELAXED)"
	"__atomic_compare_exchange_n(at, expected, to, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED)")
sfp_weaken(link include/sfp/atomic.h
	"return __atomic_load_n(from, __ATOMIC_ACQUIRE);\n#else\n\tconst uintptr_t"
	"return __atomic_load_n(from, __ATOMIC_RELAXED);\n#else\n\tconst uintptr_t")
sfp_weaken(retire include/sfp/atomic.h
	"__atomic_store_n(to, value, __ATOMIC_RELEASE);\n#else\n\tck_pr_fence_release();\n\tck_pr_store_32"
	"__atomic_store_n(to, value, __ATOMIC_RELAXED);\n#else\n\tck_pr_fence_release();\n\tck_pr_store_32")
sfp_weaken(reclaim include/sfp/atomic.h
	"return __atomic_load_n(from, __ATOMIC_ACQUIRE);\n#else\n\tconst uint32_t"
	"return __atomic_load_n(from, __ATOMIC_RELAXED);\n#else\n\tconst uint32_t")
sfp_weaken(acknowledge include/sfp/dfq.h
	"sfp_store_release_u32(&item->word, word); /* A"
	"sfp_store_u32(&item->word, word); /* A")
sfp_weaken(release-newest libpatterns/dfq.c
	"sfp_store_release_u32(&item->word, word | SFP_DFQ_RELEASED_); /* C"
	"sfp_store_u32(&item->word, word | SFP_DFQ_RELEASED_); /* C")
sfp_weaken(publish libpatterns/dfq.c
	"sfp_store_release_u32(&queue->incarnation, queue->attached)"
	"sfp_store_u32(&queue->incarnation, queue->attached)")
sfp_weaken(takeover include/sfp/dfq.h
	"sfp_load_acquire_u32(&queue->incarnation)"
	"sfp_load_u32(&queue->incarnation)")
