# `cmake --install` gives one folder that works when copied to another machine.
include(GNUInstallDirs)
