# SPDX-License-Identifier: BSD-2-Clause
#
# refkernel_image(target MANIFEST file [MODULES names...] [FILES paths...] [OUTPUT file])
#
# A boot image (BIOS and UEFI) of the nano-core and the files that the manifest
# names, in its order. MODULES are names given to refkernel_add_module(); FILES
# are any files, called by their names without .o. More may be given than the
# manifest names; where neither is given, it names modules. The image's path is
# the target property IMAGE_FILE.
include(${CMAKE_CURRENT_LIST_DIR}/../modules/module.cmake)
set(REFKERNEL_IMAGE_DIR ${CMAKE_CURRENT_LIST_DIR}/../image)

# The names in a manifest, read when the build is configured, which a change of it has happen anew.
function(refkernel_manifest_names manifest names)
	file(STRINGS ${manifest} lines REGEX "^[^# ]")
	list(TRANSFORM lines REPLACE " .*" "")
	set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${manifest})
	set(${names} ${lines} PARENT_SCOPE)
endfunction()

function(refkernel_image target)
	cmake_parse_arguments(PARSE_ARGV 1 image "" "MANIFEST;OUTPUT" "MODULES;FILES")
	if(image_UNPARSED_ARGUMENTS OR NOT image_MANIFEST)
		message(FATAL_ERROR "refkernel_image(${target}): wrong arguments: ${image_UNPARSED_ARGUMENTS}")
	endif()
	if(NOT image_OUTPUT)
		set(image_OUTPUT ${target}.iso)
	endif()
	cmake_path(ABSOLUTE_PATH image_MANIFEST BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
	cmake_path(ABSOLUTE_PATH image_OUTPUT BASE_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR})

	if(NOT image_MODULES AND NOT image_FILES)
		refkernel_manifest_names(${image_MANIFEST} image_MODULES)
	endif()
	set(files ${image_FILES})
	set(targets refkernel.elf)
	foreach(name IN LISTS image_MODULES)
		if(NOT TARGET module_${name})
			message(FATAL_ERROR "${image_MANIFEST} names ${name}, and there is no module of that name")
		endif()
		get_target_property(file module_${name} MODULE_FILE)
		list(APPEND files ${file})
		list(APPEND targets module_${name})
	endforeach()
	add_custom_command(OUTPUT ${image_OUTPUT}
		COMMAND ${CMAKE_COMMAND} -E env OBJCOPY=${CMAKE_OBJCOPY}
			sh ${REFKERNEL_IMAGE_DIR}/make-image
			$<TARGET_FILE:refkernel.elf> ${image_MANIFEST} ${image_OUTPUT} ${files}
		DEPENDS ${REFKERNEL_IMAGE_DIR}/make-image ${REFKERNEL_IMAGE_DIR}/grub.cfg
			${image_MANIFEST} ${files} ${targets}
		VERBATIM
		COMMENT "Making boot image ${target}")
	add_custom_target(${target} ALL DEPENDS ${image_OUTPUT})
	set_target_properties(${target} PROPERTIES IMAGE_FILE ${image_OUTPUT})
endfunction()
