oneping_library(io_echo
  SOURCES
    address_events.cc
    darwin_emulation.cc
    darwin_socket.cc
    echo_darwin.cc
    echo_error_batch.cc
    echo_linux.cc
    echo_outcomes.cc
    echo_receive_batch.cc
    echo_send_batch.cc
    echo_socket.cc
    host_addresses.cc
    message_batch.cc
    ping_permission.cc
    file_limit.cc
    origin_ports.cc
    origin_receive_batch.cc
    origin_send_batch.cc
    origin_socket.cc
    queued_icmp_error.cc
    send_error.cc
    udp_linux.cc
  DEPS oneping_proxy oneping_io)

oneping_test(ping_permission_test SOURCES ping_permission_test.cc DEPS oneping_io_echo)
# In a network namespace of its own.
oneping_test(echo_test
  SOURCES echo_darwin_test.cc echo_linux_test.cc host_addresses_test.cc echo_test_namespace.cc
  DEPS oneping_io_echo)
oneping_test(udp_linux_test SOURCES udp_linux_test.cc echo_test_namespace.cc DEPS oneping_io_echo)
if(ONEPING_TESTS)
  oneping_fuzz(echo_error SOURCE ${CMAKE_SOURCE_DIR}/fuzz/echo_error.cc DEPS oneping_io_echo)
  oneping_fuzz(udp_error SOURCE ${CMAKE_SOURCE_DIR}/fuzz/udp_error.cc DEPS oneping_io_echo)
endif()
