#include "masque/h3_settings.h"

#include <gtest/gtest.h>

namespace oneping::masque {
namespace {

using Octets = std::vector<std::uint8_t>;
using Outcome = SettingsReader::Outcome;

TEST(ControlStream, Bytes) {
  const Octets expected = {
      0x00,                    // control stream
      0x04, 0x09,              // SETTINGS, 9 bytes
      0x06, 0x80, 0, 0x40, 0,  // MAX_FIELD_SECTION_SIZE 16384
      0x08, 0x01,              // ENABLE_CONNECT_PROTOCOL 1
      0x33, 0x01,              // H3_DATAGRAM 1
  };
  EXPECT_EQ(control_stream_beginning({true, true}, 16384), expected);
  EXPECT_EQ(control_stream_beginning({false, false}, 63), (Octets{0x00, 0x04, 0x02, 0x06, 0x3f}));
  EXPECT_EQ(goaway_frame(4), (Octets{0x07, 0x01, 0x04}));
  EXPECT_EQ(goaway_frame(400), (Octets{0x07, 0x02, 0x41, 0x90}));
}

TEST(SettingsReader, Cases) {
  struct Case {
    const char* name;
    Octets bytes;
    Outcome outcome;
    H3Settings settings;
  };
  const Case cases[] = {
      {"nothing set", {0x00, 0x04, 0x00}, Outcome::settings, {}},
      {"both", {0x00, 0x04, 0x04, 0x08, 0x01, 0x33, 0x01}, Outcome::settings, {true, true}},
      {"off", {0x00, 0x04, 0x04, 0x08, 0x00, 0x33, 0x00}, Outcome::settings, {}},
      {"among others",
       {0x00, 0x04, 0x08, 0x06, 0x44, 0x00, 0x33, 0x01, 0x40, 0x21, 0x07},
       Outcome::settings,
       {false, true}},
      {"long forms",
       {0x40, 0x00, 0x40, 0x04, 0x03, 0x40, 0x33, 0x01},
       Outcome::settings,
       {false, true}},
      {"not whole", {0x00, 0x04, 0x04, 0x08, 0x01, 0x33}, Outcome::more, {true, false}},
      {"QPACK stream", {0x02, 0x04, 0x00}, Outcome::nothing, {}},
      {"no SETTINGS first", {0x00, 0x07, 0x01, 0x00}, Outcome::nothing, {}},
      {"ends within a setting", {0x00, 0x04, 0x01, 0x33, 0x01}, Outcome::nothing, {}},
      {"ends within a number", {0x00, 0x04, 0x02, 0x33, 0x40, 0x01}, Outcome::nothing, {}},
      {"datagrams 2", {0x00, 0x04, 0x02, 0x33, 0x02}, Outcome::invalid, {}},
      {"connect 2", {0x00, 0x04, 0x02, 0x08, 0x02}, Outcome::invalid, {}},
      {"datagrams twice",
       {0x00, 0x04, 0x04, 0x33, 0x01, 0x33, 0x01},
       Outcome::invalid,
       {false, true}},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(each.name);
    SettingsReader whole;
    EXPECT_EQ(whole.read(each.bytes), each.outcome);
    EXPECT_EQ(whole.settings(), each.settings);
    SettingsReader by_bytes;
    Outcome outcome = Outcome::more;
    for (std::size_t i = 0; i < each.bytes.size() && outcome == Outcome::more; ++i) {
      outcome = by_bytes.read(Bytes(each.bytes).subspan(i, 1));
    }
    EXPECT_EQ(outcome, each.outcome);
    EXPECT_EQ(by_bytes.settings(), each.settings);
  }
}

TEST(SettingsReader, WhatLooksLikeSettingsLaterIsNone) {
  const Octets qpack = {0x02};
  const Octets settings = {0x00, 0x04, 0x02, 0x33, 0x01};
  SettingsReader reader;
  EXPECT_EQ(reader.read(qpack), Outcome::nothing);
  EXPECT_EQ(reader.read(settings), Outcome::nothing);
  EXPECT_FALSE(reader.settings().datagrams);
}

TEST(SettingsReader, ReadsWhatWeWrite) {
  for (const bool connect : {false, true}) {
    for (const bool datagrams : {false, true}) {
      SettingsReader reader;
      EXPECT_EQ(reader.read(control_stream_beginning({connect, datagrams}, 16384)),
                Outcome::settings);
      EXPECT_EQ(reader.settings(), (H3Settings{connect, datagrams}));
    }
  }
}

}  // namespace
}  // namespace oneping::masque
