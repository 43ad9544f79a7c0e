#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <csignal>
#include <map>
#include <set>

#include "core/base/text.h"
#include "core/base/utf8.h"
#include "core/journal/line.h"
#include "tests/unit/journal/support.h"

namespace foz::journal {
namespace {

using JournalWriter = JournalTest;

TEST_F(JournalWriter, MakesTheFileWithItsHeader) {
  auto writer = Writer::open(folder_, "n1", clock_);
  ASSERT_TRUE(writer) << writer.error().message;
  EXPECT_EQ(bytes_of(folder_ / "n1.jsonl"), encode_header("n1", clock_.time));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()), 1);
  EXPECT_EQ(fs::status(folder_ / "n1.jsonl").permissions(),
            fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(JournalWriter, FillsInWriterSequenceAndTime) {
  auto writer = Writer::open(folder_, "n1", clock_).value();
  ASSERT_TRUE(writer.append(record_of("note", {{"text", std::string("a")}})));
  ASSERT_TRUE(writer.append(record_of("note"), Durability::cached));
  const Contents contents = read(folder_).value();
  ASSERT_EQ(contents.records.size(), 2U);
  EXPECT_EQ(contents.records[0],
            (Record{"note", writer.id(), 1, clock_.time, {{"text", std::string("a")}}}));
  EXPECT_EQ(contents.records[1], (Record{"note", writer.id(), 2, clock_.time, {}}));
  EXPECT_EQ(contents.damage, std::vector<Damage>{});
  EXPECT_THAT(writer.id(), testing::MatchesRegex("[0-9]+-[0-9a-f]{8}"));
}

TEST_F(JournalWriter, WithoutTheFolderSaysSo) {
  const auto writer = Writer::open(folder_ / "none", "n1", clock_);
  ASSERT_FALSE(writer);
  EXPECT_EQ(writer.error().code, Code::not_found);
  EXPECT_EQ(writer.error().message, "cannot open journal '" +
                                        (folder_ / "none" / "n1.jsonl").native() +
                                        "': cannot make a file in '" + (folder_ / "none").native() +
                                        "': No such file or directory");
}

TEST_F(JournalWriter, RefusesANewerFormat) {
  put(folder_ / "n1.jsonl", seal(R"({"foz_journal":2,"host":"n1","created":5)"));
  const auto writer = Writer::open(folder_, "n1", clock_);
  ASSERT_FALSE(writer);
  EXPECT_EQ(writer.error(),
            (Error{Code::invalid, "cannot open journal '" + (folder_ / "n1.jsonl").native() +
                                      "': it has format 2, and this foz knows formats up to 1; "
                                      "use the foz that the run was made with"}));
}

TEST_F(JournalWriter, BeginsWithALineFeedBehindATornTail) {
  auto writer = Writer::open(folder_, "n1", clock_).value();
  ASSERT_TRUE(writer.append(record_of("note")));
  const std::string whole = bytes_of(folder_ / "n1.jsonl");
  put(folder_ / "n1.jsonl", whole + R"({"k":"no)");
  auto next = Writer::open(folder_, "n1", clock_).value();
  ASSERT_TRUE(next.append(record_of("released")));
  const Contents contents = read(folder_).value();
  ASSERT_EQ(contents.records.size(), 2U);
  EXPECT_EQ(contents.records[1].kind, "released");
  EXPECT_EQ(contents.damage,
            (std::vector<Damage>{{folder_ / "n1.jsonl", whole.size(), "record does not parse"}}));
}

/// One child process with its own exit status.
template <class Body>
pid_t start(const Body& body) {
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(body());
  return pid;
}

int end_of(pid_t pid) {
  int status = -1;
  ::waitpid(pid, &status, 0);
  return status;
}

TEST_F(JournalWriter, ManyProcessesAppendWithoutLossOrMixing) {
  constexpr int k_processes = 8;
  constexpr int k_records = 200;
  std::vector<pid_t> children;
  for (int process = 0; process < k_processes; ++process) {
    children.push_back(start([this, process] {
      auto writer = Writer::open(folder_, "n1", clock_);  // all race for making the file
      if (!writer) return 1;
      for (int i = 0; i < k_records; ++i) {
        const std::string text(static_cast<std::size_t>(i * 17 % 3000), 'x');
        if (!writer->append(record_of("note", {{"process", std::int64_t{process}}, {"text", text}}),
                            Durability::cached)) {
          return 2;
        }
      }
      return 0;
    }));
  }
  for (const pid_t child : children) EXPECT_EQ(end_of(child), 0);
  const Contents contents = read(folder_).value();
  EXPECT_EQ(contents.damage, std::vector<Damage>{});
  std::map<std::int64_t, std::uint64_t> seen;
  std::set<std::string> writers;
  for (const Record& record : contents.records) {
    EXPECT_EQ(record.sequence, ++seen[record.integer("process")]);
    writers.insert(record.writer);
  }
  EXPECT_EQ(contents.records.size(), std::size_t{k_processes} * k_records);
  EXPECT_EQ(writers.size(), std::size_t{k_processes});
}

TEST_F(JournalWriter, CutsTheLongestTextAtTheLimit) {
  auto writer = Writer::open(folder_, "n1", clock_).value();
  const std::string stage(100, 's');
  ASSERT_TRUE(writer.append(
      record_of("task_ended", {{"stage", stage}, {"sentence", std::string(9000, 'x')}})));
  const std::string bytes = bytes_of(folder_ / "n1.jsonl");
  const std::string line = bytes.substr(bytes.find('\n') + 1);
  EXPECT_EQ(line.size(), k_max_record);
  const Record record = decode(line).value();
  EXPECT_EQ(record.text("stage"), stage);
  EXPECT_THAT(record.text("sentence"), testing::MatchesRegex("x+…"));
}

TEST_F(JournalWriter, CutsBetweenCodePointsAndEscapes) {
  for (const std::string unit : {"€", "😀", "\n", "\x01", "\xE9", "é\"", "a€\t"}) {
    for (std::size_t before = 0; before < 8; ++before) {
      auto writer = Writer::open(folder_, "n1", clock_).value();
      std::string text(before, 'a');
      while (text.size() < 5000) text += unit;
      ASSERT_TRUE(writer.append(record_of("note", {{"text", text}}), Durability::cached));
    }
  }
  const Contents contents = read(folder_).value();
  EXPECT_EQ(contents.damage, std::vector<Damage>{});
  EXPECT_EQ(contents.records.size(), 7U * 8U);
  for (const Record& record : contents.records) {
    const std::string line = encode(record);
    EXPECT_LE(line.size(), k_max_record);
    EXPECT_GT(line.size(), k_max_record - 12);
    EXPECT_TRUE(record.text("text").ends_with("…"));
    EXPECT_EQ(find_invalid_utf8(line), std::nullopt);
  }
}

TEST_F(JournalWriter, CutsSeveralTextsWhereOneIsNotEnough) {
  auto writer = Writer::open(folder_, "n1", clock_).value();
  std::vector<std::pair<std::string, Scalar>> fields;
  for (int i = 0; i < 5; ++i) fields.emplace_back("t" + std::to_string(i), std::string(3000, 'x'));
  ASSERT_TRUE(writer.append(record_of("note", fields)));
  EXPECT_EQ(read(folder_).value().records.size(), 1U);
}

TEST_F(JournalWriter, RefusesWhatCannotBeCut) {
  auto writer = Writer::open(folder_, "n1", clock_).value();
  std::vector<std::pair<std::string, Scalar>> fields;
  for (int i = 0; i < 500; ++i) fields.emplace_back("number" + std::to_string(i), std::int64_t{1});
  const auto done = writer.append(record_of("note", fields));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::too_large);
  EXPECT_THAT(done.error().message,
              testing::MatchesRegex("a record 'note' takes 69[0-9]+ bytes, 4096 at most"));
  EXPECT_EQ(read(folder_).value().records.size(), 0U);
}

TEST_F(JournalWriter, AFullDiskIsSaidAndNothingIsWritten) {
  // /dev/full answers every write with ENOSPC.
  fs::create_symlink("/dev/full", folder_ / "n1.jsonl");
  auto writer = Writer::open(folder_, "n1", clock_).value();
  const auto done = writer.append(record_of("note"));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error(),
            (Error{Code::storage_full,
                   "cannot write to the journal: cannot write: No space left on device"}));
}

TEST_F(JournalWriter, ARecordThatFitsInPartIsDamageAndTheNextOneIsWhole) {
  auto first = Writer::open(folder_, "n1", clock_).value();
  ASSERT_TRUE(first.append(record_of("note")));
  const std::uint64_t size = fs::file_size(folder_ / "n1.jsonl");
  for (const std::uint64_t room : {1, 2, 20, 60, 100}) {
    const pid_t child = start([&] {
      ::signal(SIGXFSZ, SIG_IGN);
      const std::uint64_t now = fs::file_size(folder_ / "n1.jsonl");
      const rlimit limit{now + room, now + room};
      if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) return 1;
      auto writer = Writer::open(folder_, "n1", clock_);
      const auto done = writer->append(record_of("note", {{"text", std::string(200, 'x')}}));
      return !done && done.error().code == Code::storage_full ? 0 : 2;
    });
    EXPECT_EQ(end_of(child), 0) << room;
    ASSERT_TRUE(first.append(record_of("released")));
  }
  const Contents contents = read(folder_).value();
  EXPECT_EQ(contents.records.size(), 6U);
  EXPECT_EQ(contents.damage.size(), 5U);
  EXPECT_EQ(contents.damage[0], (Damage{folder_ / "n1.jsonl", size, "record does not parse"}));
}

TEST(HostFileName, KeepsOrdinaryNames) {
  EXPECT_EQ(host_file_name("gpu-07.cluster_1"), "gpu-07.cluster_1.jsonl");
}

TEST(HostFileName, EscapesWhatHasAMeaningInAPath) {
  EXPECT_EQ(host_file_name("../n1"), "%2E.%2Fn1.jsonl");
  EXPECT_EQ(host_file_name("n 1\n%é"), "n%201%0A%25%C3%A9.jsonl");
  EXPECT_EQ(host_file_name(""), "%.jsonl");
}

TEST(HostFileName, TellsLongNamesApart) {
  const std::string one = host_file_name(std::string(300, 'a'));
  const std::string other = host_file_name(std::string(301, 'a'));
  EXPECT_NE(one, other);
  EXPECT_LT(one.size(), 255U);
}

TEST_F(JournalWriter, OddHostNamesAreWrittenAndRead) {
  for (const char* host : {"../n1", "n/1", "", ".hidden", "é\n"}) {
    auto writer = Writer::open(folder_, host, clock_);
    ASSERT_TRUE(writer) << writer.error().message;
    ASSERT_TRUE(writer->append(record_of("note")));
  }
  const Contents contents = read(folder_).value();
  EXPECT_EQ(contents.records.size(), 5U);
  EXPECT_EQ(contents.damage, std::vector<Damage>{});
}

}  // namespace
}  // namespace foz::journal
