#include <gmock/gmock.h>

#include "core/journal/line.h"
#include "tests/unit/journal/support.h"

namespace foz::journal {
namespace {

class JournalReader : public JournalTest {
 protected:
  /// A file of a few records; gives their lines.
  std::vector<std::string> write_some() {
    auto writer = Writer::open(folder_, "n1", clock_).value();
    for (int i = 0; i < 4; ++i) {
      EXPECT_TRUE(writer.append(record_of("note", {{"i", std::int64_t{i}}}), Durability::cached));
    }
    const std::string bytes = bytes_of(file_);
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < bytes.size();) {
      const std::size_t end = bytes.find('\n', at) + 1;
      lines.push_back(bytes.substr(at, end - at));
      at = end;
    }
    return lines;
  }

  fs::path file_ = folder_ / "n1.jsonl";
};

TEST_F(JournalReader, CutAtEveryByteGivesTheWholeRecordsAndATornTail) {
  const std::vector<std::string> lines = write_some();
  const std::vector<Record> all = read(folder_).value().records;
  ASSERT_EQ(all.size(), 4U);
  const std::string bytes = bytes_of(file_);
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    put(file_, bytes.substr(0, size));
    std::size_t whole = 0;
    std::size_t end = 0;
    while (whole < lines.size() && end + lines[whole].size() <= size) end += lines[whole++].size();
    const Contents contents = read(folder_).value();
    ASSERT_EQ(contents.records.size(), whole == 0 ? 0 : whole - 1) << size;
    EXPECT_TRUE(std::equal(contents.records.begin(), contents.records.end(), all.begin()));
    std::vector<Damage> damage;
    if (size == 0) damage = {{file_, 0, "header is missing"}};
    if (size > end) damage = {{file_, end, "torn tail"}};
    EXPECT_EQ(contents.damage, damage) << size;
  }
}

TEST_F(JournalReader, WithAnyByteTurnedNeverGivesAWrongRecord) {
  const std::vector<std::string> lines = write_some();
  const std::vector<Record> all = read(folder_).value().records;
  const std::string bytes = bytes_of(file_);
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (const unsigned char mask : {0x01, 0x20, 0xff, 0x2a}) {
      std::string damaged = bytes;
      damaged[at] = static_cast<char>(static_cast<unsigned char>(damaged[at]) ^ mask);
      put(file_, damaged);
      const auto contents = read(folder_);
      ASSERT_TRUE(contents) << contents.error().message;
      EXPECT_FALSE(contents->damage.empty()) << at;
      EXPECT_LE(all.size() - contents->records.size(), 2U) << at;  // a lost LF joins two
      for (const Record& record : contents->records) EXPECT_THAT(all, testing::Contains(record));
    }
  }
}

TEST_F(JournalReader, SaysWhereAndWhatTheDamageIs) {
  const std::vector<std::string> lines = write_some();
  const std::string id = read(folder_).value().records[0].writer;
  std::string turned = lines[2];
  turned[turned.find("note")] = 'N';
  put(file_, lines[0] + lines[1] + turned + lines[3] + "what?\n\n" + lines[4]);
  const std::uint64_t second = lines[0].size() + lines[1].size();
  EXPECT_EQ(read(folder_).value().damage,
            (std::vector<Damage>{
                {file_, second, "checksum differs"},
                {file_, second + lines[2].size(), "record 2 of writer " + id + " is missing"},
                {file_, second + lines[2].size() + lines[3].size(), "record does not parse"}}));
}

TEST_F(JournalReader, SaysWhichRecordsAreMissing) {
  const std::vector<std::string> lines = write_some();
  put(file_, lines[0] + lines[4]);
  const Contents contents = read(folder_).value();
  ASSERT_EQ(contents.records.size(), 1U);
  EXPECT_EQ(contents.damage,
            (std::vector<Damage>{
                {file_, lines[0].size(),
                 "records 1 to 3 of writer " + contents.records[0].writer + " are missing"}}));
}

TEST_F(JournalReader, ReadsRecordsBehindADamagedHeader) {
  const std::vector<std::string> lines = write_some();
  std::string header = lines[0];
  header[15] = '7';  // the format number, without a checksum to prove it
  put(file_, header + lines[1]);
  const Contents contents = read(folder_).value();
  EXPECT_EQ(contents.records.size(), 1U);
  EXPECT_EQ(contents.damage, (std::vector<Damage>{{file_, 0, "header does not parse"}}));
}

TEST_F(JournalReader, RefusesANewerFormatByName) {
  put(file_, seal(R"({"foz_journal":12,"host":"n1","created":5)"));
  const auto contents = read(folder_);
  ASSERT_FALSE(contents);
  EXPECT_EQ(contents.error(),
            (Error{Code::invalid, "'" + file_.native() +
                                      "' has format 12, and this foz reads formats up to 1; use "
                                      "the foz that the run was made with"}));
}

TEST_F(JournalReader, PassesOverAnEndlessLineInBoundedMemory) {
  const std::vector<std::string> lines = write_some();
  const std::string endless(5U << 20U, 'x');
  put(file_, lines[0] + lines[1] + endless + "\n" + lines[2] + endless);
  const std::uint64_t second = lines[0].size() + lines[1].size();
  const Contents contents = read(folder_).value();
  EXPECT_EQ(contents.records.size(), 2U);
  EXPECT_EQ(
      contents.damage,
      (std::vector<Damage>{{file_, second, "line is over 65536 bytes"},
                           {file_, second + endless.size() + 1 + lines[2].size(), "torn tail"}}));
}

TEST_F(JournalReader, TakesALineOfTheLimitAndNoLonger) {
  const std::vector<std::string> lines = write_some();
  put(file_,
      lines[0] + std::string(k_max_line, 'x') + "\n" + std::string(k_max_line + 1, 'x') + "\n");
  EXPECT_EQ(
      read(folder_).value().damage,
      (std::vector<Damage>{{file_, lines[0].size(), "record does not parse"},
                           {file_, lines[0].size() + k_max_line + 1, "line is over 65536 bytes"}}));
}

TEST_F(JournalReader, WithoutTheFolderIsNotFound) {
  const auto contents = read(folder_ / "none");
  ASSERT_FALSE(contents);
  EXPECT_EQ(contents.error().code, Code::not_found);
  EXPECT_EQ(contents.error().message,
            "cannot read journal '" + (folder_ / "none").native() + "': No such file or directory");
}

TEST_F(JournalReader, LooksAtJournalsOnly) {
  write_some();
  put(folder_ / ".foz-abc.jsonl", "x");
  put(folder_ / "notes.txt", "x");
  const Contents contents = read(folder_).value();
  EXPECT_EQ(contents.records.size(), 4U);
  EXPECT_EQ(contents.damage, std::vector<Damage>{});
}

TEST_F(JournalReader, LeavesOutWhatIsNotWantedButReportsItsDamage) {
  const std::vector<std::string> lines = write_some();
  put(file_, lines[0] + lines[1] + lines[3]);
  const Contents contents = read(folder_, [](const Record&) { return false; }).value();
  EXPECT_EQ(contents.records.size(), 0U);
  EXPECT_EQ(contents.damage.size(), 1U);
}

TEST_F(JournalReader, ReadsThreeThousandRecords) {
  auto writer = Writer::open(folder_, "n1", clock_).value();
  for (int i = 0; i < 3000; ++i) {
    ASSERT_TRUE(writer.append(
        record_of("task_ended", {{"stage", std::string("train")},
                                 {"index", std::int64_t{i}},
                                 {"attempt", std::int64_t{1}},
                                 {"outcome", std::string("succeeded")},
                                 {"class", std::string()},
                                 {"sentence", std::string()},
                                 {"exit", std::int64_t{0}},
                                 {"log", "logs/train/train." + std::to_string(i) + ".1.log"}}),
        Durability::cached));
  }
  EXPECT_EQ(read(folder_).value().records.size(), 3000U);
}

class JournalFollower : public JournalReader {};

TEST_F(JournalFollower, GivesEachRecordOnce) {
  Follower follower(folder_);
  EXPECT_EQ(follower.poll().value().records.size(), 0U);
  auto one = Writer::open(folder_, "n1", clock_).value();
  ASSERT_TRUE(one.append(record_of("note")));
  EXPECT_EQ(follower.poll().value().records.size(), 1U);
  EXPECT_EQ(follower.poll().value().records.size(), 0U);
  auto other = Writer::open(folder_, "n2", clock_).value();
  ASSERT_TRUE(other.append(record_of("released")));
  ASSERT_TRUE(one.append(record_of("submitted")));
  const Contents contents = follower.poll().value();
  ASSERT_EQ(contents.records.size(), 2U);
  EXPECT_EQ(contents.records[0].kind, "submitted");
  EXPECT_EQ(contents.records[1].kind, "released");
}

TEST_F(JournalFollower, WaitsForTheRestOfALine) {
  const std::vector<std::string> lines = write_some();
  std::string all;
  for (const std::string& line : lines) all += line;
  Follower follower(folder_);
  std::vector<Record> got;
  for (std::size_t size = 0; size <= all.size(); ++size) {
    put(file_, all.substr(0, size));
    const Contents contents = follower.poll().value();
    EXPECT_EQ(contents.damage.size(), size == 0 ? 1U : 0U) << size;
    got.insert(got.end(), contents.records.begin(), contents.records.end());
  }
  EXPECT_EQ(got, read(folder_).value().records);
}

TEST_F(JournalFollower, SeesAGapAcrossPolls) {
  const std::vector<std::string> lines = write_some();
  put(file_, lines[0] + lines[1]);
  Follower follower(folder_);
  EXPECT_EQ(follower.poll().value().damage, std::vector<Damage>{});
  put(file_, lines[0] + lines[1] + lines[3]);
  const Contents contents = follower.poll().value();
  ASSERT_EQ(contents.damage.size(), 1U);
  EXPECT_EQ(contents.damage[0].what,
            "record 2 of writer " + contents.records[0].writer + " is missing");
}

TEST_F(JournalFollower, SaysThatAFileShrankAndGoesOn) {
  const std::vector<std::string> lines = write_some();
  Follower follower(folder_);
  EXPECT_EQ(follower.poll().value().records.size(), 4U);
  put(file_, lines[0] + lines[1]);
  const Contents contents = follower.poll().value();
  EXPECT_EQ(contents.damage,
            (std::vector<Damage>{{file_, lines[0].size() + lines[1].size(), "file shrank"}}));
  EXPECT_EQ(follower.poll().value().damage, std::vector<Damage>{});
}

}  // namespace
}  // namespace foz::journal
