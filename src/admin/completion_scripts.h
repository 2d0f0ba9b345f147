// What each shell has to run to complete oneping's command lines. They ask the program itself
// (`oneping __complete WORDS…`), so that they never know less than it does.
//
// It answers a line for each candidate: the text, a tab, what it is. ":files" asks the shell for
// the names of files.
#pragma once

namespace oneping::admin {

extern const char* const kBashCompletion;
extern const char* const kZshCompletion;
extern const char* const kFishCompletion;

}  // namespace oneping::admin
