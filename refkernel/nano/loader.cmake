# The loader's sources: the kernel, its host tests and its fuzzer build the same files.
set(SFP_LOADER_SOURCES
	${CMAKE_CURRENT_LIST_DIR}/loader.c
	${CMAKE_CURRENT_LIST_DIR}/loader_link.c
	${CMAKE_CURRENT_LIST_DIR}/loader_module.c
	${CMAKE_CURRENT_LIST_DIR}/loader_report.c
	${CMAKE_CURRENT_LIST_DIR}/loader_symbol.c)
