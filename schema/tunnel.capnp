@0xdb8274f9144abc7e;
# Remote procedure calls between a connector and an edge of the tunnel protocol that cloudflared
# speaks (ALPN "argotunnel"). Identifiers, ordinals and types are that protocol's.
#
# On the control stream (the first that the connector opens, no preamble) the edge serves
# RegistrationServer. On a stream that begins with the RPC signature, the connector serves
# CloudflaredServer if the edge opened it, and the edge serves SessionManager if the connector did.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("oneping::tunnel::schema");

struct TunnelAuth @0x9496331ab9cd463f {
  accountTag @0 :Text;
  tunnelSecret @1 :Data;
}

struct ClientInfo @0x83ced0145b2f114b {
  clientId @0 :Data;  # 16 bytes: one connector process
  features @1 :List(Text);
  version @2 :Text;
  arch @3 :Text;
}

struct ConnectionOptions @0xb4bf9861fe035d04 {
  client @0 :ClientInfo;
  originLocalIp @1 :Data;  # 4 or 16 bytes
  replaceExisting @2 :Bool;
  compressionQuality @3 :UInt8;
  numPreviousAttempts @4 :UInt8;
}

struct ConnectionDetails @0xb5f39f082b9ac18a {
  uuid @0 :Data;  # 16 bytes: this connection
  locationName @1 :Text;
  tunnelIsRemotelyManaged @2 :Bool;
}

struct ConnectionError @0xf5f383d2785edb86 {
  cause @0 :Text;
  retryAfter @1 :Int64;  # nanoseconds
  shouldRetry @2 :Bool;
}

struct ConnectionResponse @0xdbaa9d03d52b62dc {
  result :union {
    error @0 :ConnectionError;
    connectionDetails @1 :ConnectionDetails;
  }
}

interface RegistrationServer @0xf71695ec7fe85497 {
  registerConnection @0 (auth :TunnelAuth, tunnelId :Data, connIndex :UInt8,
                         options :ConnectionOptions) -> (result :ConnectionResponse);
  unregisterConnection @1 () -> ();
  updateLocalConfiguration @2 (config :Data) -> ();  # JSON
}

struct RegisterUdpSessionResponse @0xab6d5210c1f26687 {
  err @0 :Text;  # empty: registered
  spans @1 :Data;
}

interface SessionManager @0x839445a59fb01686 {
  # closeAfterIdleHint is in nanoseconds.
  registerUdpSession @0 (sessionId :Data, dstIp :Data, dstPort :UInt16,
                         closeAfterIdleHint :Int64, traceContext :Text = "")
                     -> (result :RegisterUdpSessionResponse);
  unregisterUdpSession @1 (sessionId :Data, message :Text) -> ();
}

struct UpdateConfigurationResponse @0xdb58ff694ba05cf9 {
  latestAppliedVersion @0 :Int32;
  err @1 :Text;  # empty: applied, or not newer than what is applied
}

interface ConfigurationManager @0xb48edfbdaa25db04 {
  updateConfiguration @0 (version :Int32, config :Data) -> (result :UpdateConfigurationResponse);
}

interface CloudflaredServer @0xf548cef9dea2a4a1 extends (SessionManager, ConfigurationManager) {}
