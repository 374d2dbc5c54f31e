# SPDX-License-Identifier: BSD-2-Clause
#
# Late-bound calls by four threads while what serves them is replaced and freed.
set(iface_cores ${PROJECT_SOURCE_DIR}/libpatterns/iface.c ${PROJECT_SOURCE_DIR}/libpatterns/iface_change.c)

add_executable(stress_iface iface.c)
target_link_libraries(stress_iface PRIVATE sfp_warnings sfp::patterns)
if(SFP_SANITIZE)
	add_test(NAME stress/iface COMMAND stress_iface --changes 400)
else()
	add_test(NAME stress/iface COMMAND stress_iface --changes 1000)
endif()
add_test(NAME stress/iface/long COMMAND stress_iface --changes 40000 --seed 11)
set_tests_properties(stress/iface PROPERTIES TIMEOUT 300)
set_tests_properties(stress/iface/long PROPERTIES TIMEOUT 3600 LABELS full)

if(NOT SFP_SANITIZE STREQUAL "thread")
	return()
endif()

# With one order taken away the thread sanitizer must see a race.
function(iface_weaken name part from to)
	set(folder ${CMAKE_CURRENT_BINARY_DIR}/weak-iface-${name})
	set(sources iface.c)
	foreach(core ${iface_cores})
		get_filename_component(file ${core} NAME)
		set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${core})
		file(READ ${core} text)
		if(file STREQUAL part)
			string(FIND "${text}" "${from}" at)
			if(at EQUAL -1)
				message(FATAL_ERROR "stress: ${part} has no '${from}' to weaken")
			endif()
			string(REPLACE "${from}" "${to}" text "${text}")
		endif()
		file(CONFIGURE OUTPUT ${folder}/${file} CONTENT "${text}" @ONLY)
		list(APPEND sources ${folder}/${file})
	endforeach()
	add_executable(stress_iface_weak_${name} ${sources})
	target_include_directories(stress_iface_weak_${name} PRIVATE ${PROJECT_SOURCE_DIR}/libpatterns)
	target_link_libraries(stress_iface_weak_${name} PRIVATE sfp_warnings sfp::patterns)
	add_test(NAME stress/iface/weak-${name} COMMAND stress_iface_weak_${name} --changes 4000)
	set_tests_properties(stress/iface/weak-${name} PROPERTIES
		TIMEOUT 300 ENVIRONMENT "TSAN_OPTIONS=halt_on_error=1"
		PASS_REGULAR_EXPRESSION "ThreadSanitizer: data race")
endfunction()

iface_weaken(unpin iface.c
	"	sfp_store_release_word(&context->pins[depth], 0);"
	"	__atomic_store_n(&context->pins[depth], 0, __ATOMIC_RELAXED);")
iface_weaken(scan iface_change.c
	"sfp_load_acquire_word(&context->pins[i]) == address"
	"sfp_load_word(&context->pins[i]) == address")
iface_weaken(publish iface_change.c
	"(void)sfp_exchange_word(&slot->record, (uintptr_t)record);"
	"__atomic_store_n(&slot->record, (uintptr_t)record, __ATOMIC_RELAXED);")
iface_weaken(look-again iface.c
	"	return sfp_load_acquire_word(word);"
	"	return sfp_load_word(word);")
