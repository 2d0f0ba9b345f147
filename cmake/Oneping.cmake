# Flags, dependencies, and the three functions that the folders use:
#   oneping_library(NAME SOURCES … DEPS …)   one library a folder: oneping_<NAME>
#   oneping_test(NAME SOURCES … DEPS …)      a GoogleTest program, known to ctest
#   oneping_fuzz(NAME SOURCE … DEPS …)       a fuzz target over fuzz/corpus/<NAME>

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

add_library(oneping_flags INTERFACE)
target_include_directories(oneping_flags INTERFACE ${CMAKE_SOURCE_DIR}/src)
target_compile_options(oneping_flags INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow
                       -Wnon-virtual-dtor -Wno-missing-field-initializers)
# Tests count with whatever is short; behind oneping_flags, whose warnings it takes back.
add_library(oneping_test_flags INTERFACE)
target_compile_options(oneping_test_flags INTERFACE -Wno-conversion -Wno-sign-conversion)
if(ONEPING_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
endif()
if(ONEPING_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(spdlog REQUIRED)
find_package(prometheus-cpp CONFIG REQUIRED)
pkg_check_modules(CAPNP REQUIRED IMPORTED_TARGET capnp-rpc)
pkg_check_modules(NGTCP2 REQUIRED IMPORTED_TARGET libngtcp2 libngtcp2_crypto_gnutls gnutls)

# What nearly every file includes, parsed once: a fifth of the time of a debug build. The release build
# goes without it, and so shows whether each file includes what it needs.
if(ONEPING_PCH)
  add_compile_options("$<$<CXX_COMPILER_ID:Clang>:SHELL:-Xclang -fno-pch-timestamp>")  # for ccache
  file(WRITE ${CMAKE_BINARY_DIR}/precompiled.cc "")
  add_library(oneping_precompiled STATIC ${CMAKE_BINARY_DIR}/precompiled.cc)
  target_link_libraries(oneping_precompiled PRIVATE oneping_flags spdlog::spdlog)
  target_precompile_headers(oneping_precompiled PRIVATE <algorithm> <array> <chrono> <cstdint>
    <functional> <map> <memory> <optional> <set> <span> <string> <string_view> <unordered_map>
    <variant> <vector> <gtest/gtest.h> <spdlog/spdlog.h> <tl/expected.hpp>)
endif()
function(oneping_precompile target)
  if(ONEPING_PCH)
    target_precompile_headers(${target} REUSE_FROM oneping_precompiled)
  endif()
endfunction()

function(oneping_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_library(oneping_${name} STATIC ${ARG_SOURCES})
  target_link_libraries(oneping_${name} PUBLIC oneping_flags ${ARG_DEPS})
  oneping_precompile(oneping_${name})
endfunction()

function(oneping_test name)
  if(NOT ONEPING_TESTS)
    return()
  endif()
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} oneping_flags oneping_test_flags gtest gtest_main
                        Threads::Threads)
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  oneping_precompile(${name})
  add_test(NAME ${name} COMMAND ${name})
  add_dependencies(tests ${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT 300)
endfunction()

function(oneping_fuzz name)
  cmake_parse_arguments(ARG "" "SOURCE" "DEPS" ${ARGN})
  add_executable(fuzz_${name} ${ARG_SOURCE})
  target_link_libraries(fuzz_${name} PRIVATE ${ARG_DEPS} oneping_flags)
  target_include_directories(fuzz_${name} PRIVATE ${CMAKE_SOURCE_DIR})
  if(ONEPING_FUZZ)
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  else()
    target_sources(fuzz_${name} PRIVATE ${CMAKE_SOURCE_DIR}/fuzz/replay_main.cc)
    add_dependencies(tests fuzz_${name})
    add_test(NAME fuzz_${name} COMMAND fuzz_${name} ${CMAKE_SOURCE_DIR}/fuzz/corpus/${name})
  endif()
endfunction()

if(ONEPING_TESTS)
  enable_testing()
  add_custom_target(tests)  # what ctest runs, and nothing else
  find_package(GTest REQUIRED)
endif()
