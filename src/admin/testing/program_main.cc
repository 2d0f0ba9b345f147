#include "admin/testing/program.h"

int main(int argc, char** argv) { return oneping::admin::run_program({argv + 1, argv + argc}); }
