# SPDX-License-Identifier: BSD-2-Clause
#
# cmake --install: what a user of the library needs, wherever it is put and
# wherever it is moved afterwards. No path of this machine may get into it.
#
#   include/sfp/                   the headers, all ports with them
#   lib/libpatterns.a              for user space: the cores and the POSIX port
#   lib/cmake/libpatterns/         find_package(libpatterns): sfp::patterns, sfp::core
#   lib/pkgconfig/libpatterns.pc
#   share/libpatterns/core/        the cores as source, for a host's own flags and port
#   share/libpatterns/posix/       the POSIX port as source
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/libpatterns)
set(core_folder ${CMAKE_INSTALL_DATADIR}/libpatterns/core)
set(posix_folder ${CMAKE_INSTALL_DATADIR}/libpatterns/posix)

install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
	FILES_MATCHING PATTERN "*.h")
install(FILES ${SFP_CORE_SOURCES} DESTINATION ${core_folder})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/libpatterns/ DESTINATION ${core_folder}
	FILES_MATCHING PATTERN "*.h" PATTERN "gate_*.S")
install(FILES ${PROJECT_SOURCE_DIR}/libpatterns/posix.c DESTINATION ${posix_folder})
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/libpatterns)

# sfp::patterns, with the include folders, the port and pthread.
list(TRANSFORM SFP_INCLUDE_FOLDERS PREPEND ${CMAKE_INSTALL_INCLUDEDIR} OUTPUT_VARIABLE folders)
target_include_directories(sfp INTERFACE "$<INSTALL_INTERFACE:${folders}>")
install(TARGETS sfp EXPORT libpatterns ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT libpatterns NAMESPACE sfp:: FILE libpatterns-targets.cmake DESTINATION ${package_folder})

# The package finds Concurrency Kit where it is used, and makes sfp::core of what lies in ${core_folder}.
set(core_files "")
foreach(source IN LISTS SFP_CORE_SOURCES)
	cmake_path(GET source FILENAME file)
	string(APPEND core_files "\n\t${file}")
endforeach()
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/libpatterns-config.cmake.in
	${PROJECT_BINARY_DIR}/cmake/libpatterns-config.cmake
	INSTALL_DESTINATION ${package_folder} PATH_VARS core_folder CMAKE_INSTALL_INCLUDEDIR
	NO_CHECK_REQUIRED_COMPONENTS_MACRO)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/cmake/libpatterns-config-version.cmake
	COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/cmake/libpatterns-config.cmake
	${PROJECT_BINARY_DIR}/cmake/libpatterns-config-version.cmake
	DESTINATION ${package_folder})

# pkg-config says where its file lies; the rest is found from there.
if(IS_ABSOLUTE ${CMAKE_INSTALL_LIBDIR})
	set(pc_prefix ${CMAKE_INSTALL_PREFIX})
else()
	file(RELATIVE_PATH pc_prefix /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
	string(REGEX REPLACE "/$" "" pc_prefix "\${pcfiledir}/${pc_prefix}")
endif()
foreach(name IN ITEMS CMAKE_INSTALL_LIBDIR CMAKE_INSTALL_INCLUDEDIR core_folder posix_folder)
	set(pc_${name} ${${name}})
	if(NOT IS_ABSOLUTE ${${name}})
		set(pc_${name} "\${prefix}/${${name}}")
	endif()
endforeach()
list(TRANSFORM SFP_INCLUDE_FOLDERS PREPEND "-I\${includedir}" OUTPUT_VARIABLE pc_includes)
list(TRANSFORM pc_includes REPLACE "/$" "")
list(JOIN pc_includes " " pc_includes)
configure_file(${CMAKE_CURRENT_LIST_DIR}/libpatterns.pc.in ${PROJECT_BINARY_DIR}/cmake/libpatterns.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/cmake/libpatterns.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
