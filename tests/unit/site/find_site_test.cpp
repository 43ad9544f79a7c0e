#include <gtest/gtest.h>

#include <cstdlib>

#include "core/site/site.h"
#include "tests/support/temporary_folder.h"

namespace foz::site {
namespace {

class FindSite : public testing::Test {
 protected:
  void SetUp() override {
    put("shipped/generic.yaml"), put("shipped/sandbox.yaml");
    fs::create_directories(root_ / "work");
    setenv("XDG_CONFIG_HOME", (root_ / "config").c_str(), 1);
    unsetenv("FOZ_SITE");
  }

  void put(const std::string& path, const std::string& text = "foz_site: 1\n") const {
    temporary_.write(path, text);
  }
  std::string find(const std::string& named = "") {
    const auto found = find_site(named, root_ / "work", root_ / "shipped");
    return found ? found->lexically_relative(root_).string() : found.error().message;
  }
  test::TemporaryFolder temporary_;
  const fs::path& root_ = temporary_.path();
};

TEST_F(FindSite, FallsBackToTheShippedGenericOne) {
  EXPECT_EQ(find(), "shipped/generic.yaml");
}

TEST_F(FindSite, PrefersTheFolderOverTheUsersConfiguration) {
  put("config/foz/site.yaml");
  EXPECT_EQ(find(), "config/foz/site.yaml");
  put("work/site.yaml");
  EXPECT_EQ(find(), "work/site.yaml");
}

TEST_F(FindSite, TakesNoWorkflowForATemplateUnlessItIsNamed) {
  put("work/site.yaml", "# a survey of a building site\nfoz: 1\nname: survey\n");
  EXPECT_EQ(find(), "shipped/generic.yaml");
  EXPECT_EQ(find((root_ / "work/site.yaml").string()), "work/site.yaml");
}

TEST_F(FindSite, TakesAShippedNameOrAPath) {
  EXPECT_EQ(find("sandbox"), "shipped/sandbox.yaml");
  put("elsewhere.yaml");
  EXPECT_EQ(find((root_ / "elsewhere.yaml").string()), "elsewhere.yaml");
}

TEST_F(FindSite, EnvironmentComesBeforeTheFolder) {
  put("work/site.yaml");
  setenv("FOZ_SITE", "sandbox", 1);
  EXPECT_EQ(find(), "shipped/sandbox.yaml");
}

TEST_F(FindSite, NamesWhatItLookedFor) {
  EXPECT_EQ(find("lumi"), "there is no site template 'lumi': it is neither a file nor a name in '" +
                              (root_ / "shipped").string() + "'");
}

}  // namespace
}  // namespace foz::site
