#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "core/journal/journal.h"
#include "core/journal/line.h"

namespace foz::journal {
namespace {

Record sample() {
  return {"task_ended",
          "812-0a1b2c3d",
          3,
          1'750'000'000'123,
          {{"stage", std::string("train")},
           {"index", std::int64_t{7}},
           {"restart", true},
           {"sentence", std::string("rank \"0\" said:\n\tno \\ way")}}};
}

TEST(JournalLine, IsOneLineOfJsonWithItsChecksumLast) {
  EXPECT_EQ(encode(sample()),
            R"({"k":"task_ended","w":"812-0a1b2c3d","n":3,"t":1750000000123,"stage":"train",)"
            R"("index":7,"restart":true,"sentence":"rank \"0\" said:\n\tno \\ way",)"
            R"("crc":"5a4121c9"})"
            "\n");
}

TEST(JournalLine, GivesBackTheRecord) {
  EXPECT_EQ(decode(encode(sample())), sample());
}

TEST(JournalLine, GivesBackEveryByte) {
  Record record = sample();
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  record.fields = {{"text", all}, {"text2", "é€😀" + all + "é"}, {"", std::string()}};
  const std::string line = encode(record);
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  EXPECT_EQ(decode(line), record);
}

TEST(JournalLine, BytesThatAreNotUtf8StandAsEscapes) {
  Record record = sample();
  record.fields = {{"text", std::string("a\xE9z")}};
  const std::string line = encode(record);
  EXPECT_THAT(line, testing::HasSubstr(R"("text":"a\udce9z")"));
}

TEST(JournalLine, GivesBackTheExtremesOfNumbers) {
  Record record = sample();
  record.sequence = std::numeric_limits<std::uint64_t>::max();
  record.time = std::numeric_limits<UnixMillis>::min();
  record.fields = {{"a", std::numeric_limits<std::int64_t>::min()},
                   {"b", std::numeric_limits<std::int64_t>::max()},
                   {"c", false}};
  EXPECT_EQ(decode(encode(record)), record);
}

TEST(JournalLine, CutAnywhereIsNoRecord) {
  const std::string line = encode(sample());
  for (std::size_t size = 0; size + 1 < line.size(); ++size) {
    EXPECT_EQ(decode(std::string_view(line).substr(0, size)), std::nullopt) << size;
  }
}

TEST(JournalLine, WithAnyBitOfItTurnedIsNoRecord) {
  const std::string line = encode(sample());
  for (std::size_t at = 0; at + 1 < line.size(); ++at) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      std::string damaged = line;
      damaged[at] = static_cast<char>(static_cast<unsigned char>(damaged[at]) ^ (1U << bit));
      EXPECT_EQ(decode(damaged), std::nullopt) << at << " bit " << bit;
    }
  }
}

TEST(JournalLine, WithAnyByteReplacedIsNoRecord) {
  const std::string line = encode(sample());
  for (std::size_t at = 0; at + 1 < line.size(); ++at) {
    for (const char other : {'"', '\\', ',', '{', '}', '0', 'a', '\n', '\0'}) {
      std::string damaged = line;
      if (damaged[at] == other) continue;
      damaged[at] = other;
      EXPECT_EQ(decode(damaged), std::nullopt) << at << ' ' << other;
    }
  }
}

TEST(JournalLine, WhatEncodeDoesNotWriteIsNoRecord) {
  for (const char* body : {
           R"({"k":"a","w":"b","n":1,"t":2,"x":null)",
           R"({"k":"a","w":"b","n":1,"t":2,"x":1.5)",
           R"({"k":"a","w":"b","n":1,"t":2,"x":[1])",
           R"({"k":"a","w":"b","n":1,"t":2,"x":"\ud83d\ude00")",
           R"({"k":"a","w":"b","n":1,"t":2,"x":"\q")",
           R"({"k":"a","w":"b","n":1,"t":2,"x":"no end)",
           R"({"k":"a","w":"b","n":-1,"t":2)",
           R"({"k":"a","w":"b","n":1,"t":99999999999999999999)",
           R"({"w":"b","k":"a","n":1,"t":2)",
           R"({"k":"a","w":"b","n":1,"t":2,)",
           R"({"k":"a","w":"b","n":1,"t":2 ,"x":1)",
           R"({"foz_journal":1,"host":"n1","created":5)",
       }) {
    EXPECT_EQ(decode(seal(body)), std::nullopt) << body;
  }
}

TEST(JournalRecord, AbsentOrOfAnotherTypeIsTheEmptyValue) {
  const Record record = sample();
  EXPECT_EQ(record.text("stage"), "train");
  EXPECT_EQ(record.text("index"), "");
  EXPECT_EQ(record.integer("index"), 7);
  EXPECT_EQ(record.integer("stage"), 0);
  EXPECT_TRUE(record.flag("restart"));
  EXPECT_FALSE(record.flag("index"));
  EXPECT_EQ(record.find("nothing"), nullptr);
}

TEST(JournalHeader, HoldsFormatHostAndTime) {
  const std::string header = encode_header("n\"1", 1'750'000'000'123);
  EXPECT_EQ(header, R"({"foz_journal":1,"host":"n\"1","created":1750000000123,"crc":"c84ce363"})"
                    "\n");
  EXPECT_EQ(decode_header(header.substr(0, header.size() - 1)), 1);
}

TEST(EscapedPrefix, EndsAtWholeCodePointsAndEscapes) {
  EXPECT_EQ(escaped_prefix("abc", 3), "abc");
  EXPECT_EQ(escaped_prefix("abc", 2), "ab");
  EXPECT_EQ(escaped_prefix("a€b", 3), "a");
  EXPECT_EQ(escaped_prefix("a€b", 4), "a€");
  EXPECT_EQ(escaped_prefix("a\nb", 2), "a");
  EXPECT_EQ(escaped_prefix("a\nb", 3), "a\n");
  EXPECT_EQ(escaped_prefix("\x01z", 5), "");
  EXPECT_EQ(escaped_prefix("", 5), "");
  EXPECT_EQ(escaped_size("a\n€\x01"), 1 + 2 + 3 + 6U);
}

}  // namespace
}  // namespace foz::journal
