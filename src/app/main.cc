#include "app/command_line.h"

int main(int argc, char** argv) {
  return smelt::app::RunCommandLine(argc, argv);
}
