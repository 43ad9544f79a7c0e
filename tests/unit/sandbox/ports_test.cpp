#include "core/sandbox/ports.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "core/base/ids.h"

namespace foz::sandbox {
namespace {

/// Listens as Slurm's daemons do; 0 or an errno.
int listen_on(int port, Fd& opened) {
  opened = Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int yes = 1;
  ::setsockopt(opened.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(opened.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return errno;
  return ::listen(opened.get(), 1) == 0 ? 0 : errno;
}

/// A range that nobody else draws from at the moment, as far as can be known: its ports were all
/// free just now.
PortRange free_range(int count) {
  const auto block = PortBlock::reserve({10'000, 32'000}, count, random_bits());
  return {block->first(), block->first() + count - 1};
}

TEST(Ports, ADaemonMayListenWhileTheBlockHoldsThem) {
  const auto block = PortBlock::reserve({10'000, 32'000}, 5, random_bits());
  ASSERT_TRUE(block);
  std::vector<Fd> daemons(5);
  for (int index = 0; index < 5; ++index) {
    EXPECT_EQ(listen_on(block->first() + index, daemons[static_cast<std::size_t>(index)]), 0);
  }
}

TEST(Ports, ASecondBlockPassesTheFirstBy) {
  const PortRange range = free_range(6);
  const auto first = PortBlock::reserve(range, 3, 0);
  const auto second = PortBlock::reserve(range, 3, 0);
  ASSERT_TRUE(first);
  ASSERT_TRUE(second);
  EXPECT_EQ(first->first(), range.first);
  EXPECT_EQ(second->first(), range.first + 3);
}

TEST(Ports, GoesRoundFromItsRandomStart) {
  const PortRange range = free_range(6);
  Fd taken;
  ASSERT_EQ(listen_on(range.last, taken), 0);
  const auto block = PortBlock::reserve(range, 2, 4);
  ASSERT_TRUE(block);
  EXPECT_EQ(block->first(), range.first);
}

TEST(Ports, SaysSoWhenNoneAreFree) {
  const PortRange range = free_range(4);
  Fd taken;
  ASSERT_EQ(listen_on(range.first + 2, taken), 0);
  const auto block = PortBlock::reserve(range, 3, 0);
  ASSERT_FALSE(block);
  EXPECT_EQ(block.error().code, Code::unavailable);
  EXPECT_EQ(block.error().message,
            "no 3 free ports in a row between " + std::to_string(range.first) + " and " +
                std::to_string(range.last) +
                " on 127.0.0.1: end what holds them, or ask for fewer nodes");
}

TEST(Ports, SaysSoWhenTheRangeIsTooSmall) {
  EXPECT_FALSE(PortBlock::reserve({20'000, 20'001}, 3, 0));
}

TEST(Ports, LooksBelowTheEphemeralOnesOrWhereThereIsMoreRoom) {
  EXPECT_EQ(searched_ports("32768\t60999\n"), (PortRange{10'000, 32'767}));
  EXPECT_EQ(searched_ports("10500\t40000\n"), (PortRange{40'001, 65'535}));
  EXPECT_EQ(searched_ports("1024\t65535\n"), (PortRange{10'000, 65'535}));
  EXPECT_EQ(searched_ports(""), (PortRange{10'000, 32'767}));
  EXPECT_EQ(searched_ports("nonsense"), (PortRange{10'000, 32'767}));
}

}  // namespace
}  // namespace foz::sandbox
