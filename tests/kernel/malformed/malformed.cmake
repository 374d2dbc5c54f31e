# SPDX-License-Identifier: BSD-2-Clause
#
# include() this for target `malformed_modules` and SFP_MALFORMED_DIR, which then
# holds <name>.o for each malformed module, good.o, and expected.txt: lines
# "file <TAB> reason <TAB> regular expression of the report".
set(SFP_MALFORMED_DIR ${PROJECT_BINARY_DIR}/malformed)
include_guard(GLOBAL)

find_package(Python3 REQUIRED COMPONENTS Interpreter)
file(GLOB malformed_headers ${PROJECT_SOURCE_DIR}/include/sfp/*.h ${PROJECT_SOURCE_DIR}/include/sfp/port/*.h)
set(malformed_here ${CMAKE_CURRENT_LIST_DIR})
# gcc whatever the build's compiler is: some cases are things that only gcc emits.
add_custom_command(
	OUTPUT ${SFP_MALFORMED_DIR}/expected.txt
	COMMAND ${Python3_EXECUTABLE} -B ${malformed_here}/make.py --cc gcc
		--root ${PROJECT_SOURCE_DIR} --out ${SFP_MALFORMED_DIR}
	DEPENDS ${malformed_here}/make.py ${malformed_here}/elf.py ${malformed_here}/sample.h
		${PROJECT_SOURCE_DIR}/refkernel/nano/nano.h ${PROJECT_SOURCE_DIR}/refkernel/nano/port.h
		${malformed_headers}
	COMMENT "Making the malformed modules" VERBATIM)
add_custom_target(malformed_modules ALL DEPENDS ${SFP_MALFORMED_DIR}/expected.txt)
