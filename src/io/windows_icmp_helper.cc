#include "io/windows_icmp_helper.h"

#include <winsock2.h>
// winsock2.h comes first.
#include <ws2tcpip.h>
// And these before iphlpapi's.
#include <windows.h>
#include <winternl.h>
#define PIO_APC_ROUTINE_DEFINED
#include <iphlpapi.h>

#include <icmpapi.h>

#include <cstddef>
#include <cstring>

#include "proxy/icmp_helper_reply.h"

namespace oneping {

namespace {

// What proxy/icmp_helper_reply.cc reads.
static_assert(sizeof(void*) == 8, "the layout of reply buffers is that of 64-bit Windows");
static_assert(sizeof(ICMP_ECHO_REPLY) == kIcmpReplySizeV4);
static_assert(offsetof(ICMP_ECHO_REPLY, Status) == 4);
static_assert(offsetof(ICMP_ECHO_REPLY, DataSize) == 12);
static_assert(offsetof(ICMP_ECHO_REPLY, Data) == 16);
static_assert(offsetof(ICMP_ECHO_REPLY, Options) == 24);
static_assert(sizeof(IO_STATUS_BLOCK) == 16);
static_assert(ERROR_IO_PENDING == IcmpHelper::kPending);

// Not every version of the headers has these, and some have them under other types.
using CreateFile = HANDLE(WINAPI*)();
using CloseHandle = BOOL(WINAPI*)(HANDLE);
using SendEchoV4 = DWORD(WINAPI*)(HANDLE, HANDLE event, PIO_APC_ROUTINE, void* context,
                                  IPAddr source, IPAddr destination, void* data, WORD size,
                                  IP_OPTION_INFORMATION*, void* reply, DWORD reply_size,
                                  DWORD timeout);
using SendEchoV6 = DWORD(WINAPI*)(HANDLE, HANDLE event, PIO_APC_ROUTINE, void* context,
                                  sockaddr_in6* source, sockaddr_in6* destination, void* data,
                                  WORD size, IP_OPTION_INFORMATION*, void* reply, DWORD reply_size,
                                  DWORD timeout);
using ParseReplies = DWORD(WINAPI*)(void* reply, DWORD reply_size);

template <typename Function>
Function function_of(HMODULE library, const char* name) {
  if (library == nullptr) return nullptr;
  return reinterpret_cast<Function>(reinterpret_cast<void*>(GetProcAddress(library, name)));
}

void NTAPI tell_completion(void* context, PIO_STATUS_BLOCK, ULONG) {
  static_cast<IcmpCompletion*>(context)->on_completed();
}

sockaddr_in6 to_sockaddr_v6(const IpAddress& address) {
  sockaddr_in6 result{};
  result.sin6_family = AF_INET6;
  std::memcpy(&result.sin6_addr, address.bytes().data(), address.bytes().size());
  return result;
}

}  // namespace

struct WindowsIcmpHelper::Functions {
  HMODULE library = LoadLibraryExW(L"iphlpapi.dll", nullptr, LOAD_LIBRARY_SEARCH_SYSTEM32);
  CloseHandle close = function_of<CloseHandle>(library, "IcmpCloseHandle");
  // By family.
  CreateFile create[2] = {function_of<CreateFile>(library, "IcmpCreateFile"),
                          function_of<CreateFile>(library, "Icmp6CreateFile")};
  ParseReplies parse[2] = {function_of<ParseReplies>(library, "IcmpParseReplies"),
                           function_of<ParseReplies>(library, "Icmp6ParseReplies")};
  SendEchoV4 send_v4 = function_of<SendEchoV4>(library, "IcmpSendEcho2Ex");
  SendEchoV6 send_v6 = function_of<SendEchoV6>(library, "Icmp6SendEcho2");
};

// The library stays loaded: what is out may end after this.
WindowsIcmpHelper::WindowsIcmpHelper() : functions_(std::make_unique<Functions>()) {}

WindowsIcmpHelper::~WindowsIcmpHelper() {
  for (const IpFamily family : {IpFamily::v4, IpFamily::v6}) close(family);
}

std::uint32_t WindowsIcmpHelper::open(IpFamily family) {
  const auto index = static_cast<std::size_t>(family);
  const bool can_send =
      family == IpFamily::v4 ? functions_->send_v4 != nullptr : functions_->send_v6 != nullptr;
  if (!functions_->close || !functions_->create[index] || !functions_->parse[index] || !can_send) {
    return ERROR_PROC_NOT_FOUND;
  }
  const HANDLE opened = functions_->create[index]();
  if (opened == INVALID_HANDLE_VALUE) return GetLastError();
  handle(family) = opened;
  return 0;
}

std::uint32_t WindowsIcmpHelper::send(const IcmpHelperRequest& request,
                                      IcmpCompletion& completion) {
  IP_OPTION_INFORMATION options{};
  options.Ttl = request.hop_limit;
  options.Tos = request.traffic_class;
  if (request.dont_fragment) options.Flags = 0x2;  // IP_FLAG_DF
  // The data is only read; the functions were declared before `const` was common.
  void* const data = const_cast<std::uint8_t*>(request.payload.data());
  const auto size = static_cast<WORD>(request.payload.size());
  const auto reply_size = static_cast<DWORD>(request.reply.size());
  const auto timeout = static_cast<DWORD>(request.timeout.count());
  DWORD replies = 0;
  SetLastError(0);
  // The source is the system's choice.
  if (request.destination.is_v4()) {
    IPAddr destination = 0;
    std::memcpy(&destination, request.destination.network_bytes().data(), sizeof destination);
    replies = functions_->send_v4(handle(IpFamily::v4), nullptr, tell_completion, &completion,
                                  INADDR_ANY, destination, data, size, &options,
                                  request.reply.data(), reply_size, timeout);
  } else {
    sockaddr_in6 source = to_sockaddr_v6(IpAddress());
    sockaddr_in6 destination = to_sockaddr_v6(request.destination);
    replies = functions_->send_v6(handle(IpFamily::v6), nullptr, tell_completion, &completion,
                                  &source, &destination, data, size, &options, request.reply.data(),
                                  reply_size, timeout);
  }
  return replies != 0 ? kPending : GetLastError();
}

std::uint32_t WindowsIcmpHelper::parse(IpFamily family, MutableBytes reply) {
  const auto count = functions_->parse[static_cast<std::size_t>(family)](
      reply.data(), static_cast<DWORD>(reply.size()));
  if (count != 0) return 0;
  const DWORD error = GetLastError();
  // Nothing is there, and no reason either.
  return error != 0 ? error : DWORD{ERROR_GEN_FAILURE};
}

void WindowsIcmpHelper::close(IpFamily family) {
  if (handle(family) == nullptr) return;
  functions_->close(handle(family));
  handle(family) = nullptr;
}

}  // namespace oneping
