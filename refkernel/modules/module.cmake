# SPDX-License-Identifier: BSD-2-Clause
#
# refkernel_add_modules(folder)
#
# Each folder in it that has C files is a module of that name, made of all of them.
#
# refkernel_add_module(name sources...)
#
# Builds one module: compiles the sources freestanding, joins them with their
# private copies of lib/ and of libpatterns' cores, drops what is not used, and
# leaves one global name, nano_module. The file is <binary dir>/<name>.o, its
# path the target property MODULE_FILE of module_<name>.
#
# Used by refkernel/modules and by the kernel's tests.
set(REFKERNEL_MODULES_DIR ${CMAKE_CURRENT_LIST_DIR})
get_filename_component(REFKERNEL_DIR ${CMAKE_CURRENT_LIST_DIR} DIRECTORY)
get_filename_component(SFP_TOP_DIR ${REFKERNEL_DIR} DIRECTORY)

set(REFKERNEL_MODULE_FLAGS
	-std=gnu11 -O2 -ffreestanding -mno-red-zone -mgeneral-regs-only -fcf-protection=none
	-fno-stack-protector -fno-omit-frame-pointer -fstack-clash-protection -fno-pic -mcmodel=kernel -fno-asynchronous-unwind-tables
	-fno-common -ffunction-sections -fdata-sections)

# The public headers of all modules, and nothing else of them.
file(GLOB REFKERNEL_MODULE_INCLUDES LIST_DIRECTORIES true CONFIGURE_DEPENDS ${REFKERNEL_MODULES_DIR}/*)
list(FILTER REFKERNEL_MODULE_INCLUDES EXCLUDE REGEX "/(CMakeLists\\.txt|module\\.[a-z]+)$")

function(refkernel_module_flags target)
	target_compile_options(${target} PRIVATE ${REFKERNEL_MODULE_FLAGS})
	target_compile_definitions(${target} PRIVATE "SFP_PORT_HEADER=\"nano/port.h\"")
	target_include_directories(${target} PRIVATE ${SFP_TOP_DIR}/include ${REFKERNEL_DIR}
		${REFKERNEL_MODULE_INCLUDES})
	target_link_libraries(${target} PRIVATE sfp_warnings)
	set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE OFF C_EXTENSIONS ON)
endfunction()

# What every module may have a private copy of.
if(NOT TARGET refkernel_module_parts)
	add_library(refkernel_module_parts OBJECT
		${REFKERNEL_DIR}/lib/mem.c
		${REFKERNEL_DIR}/lib/text.c
		${SFP_TOP_DIR}/libpatterns/dfq.c
		${SFP_TOP_DIR}/libpatterns/estate.c
		${SFP_TOP_DIR}/libpatterns/estate_mux.c
		${SFP_TOP_DIR}/libpatterns/lock.c
		${SFP_TOP_DIR}/libpatterns/monitor.c
		${SFP_TOP_DIR}/libpatterns/mux.c
		${SFP_TOP_DIR}/libpatterns/status.c)
	refkernel_module_flags(refkernel_module_parts)
endif()

function(refkernel_add_module name)
	set(target module_${name})
	set(joined ${CMAKE_CURRENT_BINARY_DIR}/${name}.joined.o)
	set(file ${CMAKE_CURRENT_BINARY_DIR}/${name}.o)

	add_library(${target}_objects OBJECT ${ARGN})
	refkernel_module_flags(${target}_objects)
	add_custom_command(OUTPUT ${file}
		COMMAND ${CMAKE_LINKER} -r --gc-sections -u nano_module -T ${REFKERNEL_MODULES_DIR}/module.ld
			-o ${joined} $<TARGET_OBJECTS:${target}_objects> $<TARGET_OBJECTS:refkernel_module_parts>
		COMMAND ${CMAKE_OBJCOPY} --strip-debug --keep-global-symbol=nano_module ${joined} ${file}
		DEPENDS ${target}_objects refkernel_module_parts $<TARGET_OBJECTS:${target}_objects>
			$<TARGET_OBJECTS:refkernel_module_parts> ${REFKERNEL_MODULES_DIR}/module.ld
		COMMAND_EXPAND_LISTS VERBATIM
		COMMENT "Joining module ${name}")
	add_custom_target(${target} ALL DEPENDS ${file})
	set_target_properties(${target} PROPERTIES MODULE_FILE ${file})
endfunction()

function(refkernel_add_modules folder)
	file(GLOB sources RELATIVE ${folder} CONFIGURE_DEPENDS ${folder}/*/*.c)
	list(TRANSFORM sources REPLACE "/.*" "" OUTPUT_VARIABLE names)
	list(REMOVE_DUPLICATES names)
	foreach(name IN LISTS names)
		set(own ${sources})
		list(FILTER own INCLUDE REGEX "^${name}/")
		list(TRANSFORM own PREPEND ${folder}/)
		refkernel_add_module(${name} ${own})
	endforeach()
endfunction()
