#include "admin/completion_scripts.h"

namespace oneping::admin {

const char* const kBashCompletion =
    R"(# bash completion for oneping:  source <(oneping completion bash)
_oneping() {
  local words=("${COMP_WORDS[0]/#\~/$HOME}") breaks=${COMP_WORDBREAKS//[^:=]/} prefix= i line
  # Bash takes words apart at these characters; addresses and --flag=value have them.
  for ((i = 1; i <= COMP_CWORD; i++)); do
    if [[ $breaks && $i -gt 1 && (${COMP_WORDS[i]} == [$breaks]* || ${words[-1]} == *[$breaks]) ]]; then
      words[-1]+=${COMP_WORDS[i]}
    else
      words+=("${COMP_WORDS[i]}")
    fi
  done
  local word=${words[-1]}
  [[ $breaks ]] && prefix=${word%"${word##*[$breaks]}"}
  COMPREPLY=()
  while IFS=$'\t' read -r line _; do
    if [[ $line == :files ]]; then
      compopt -o filenames 2>/dev/null
      mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- "${word#"$prefix"}")
    else
      COMPREPLY+=("${line#"$prefix"}")
    fi
  done < <("${words[0]}" __complete "${words[@]}" 2>/dev/null)
}
complete -F _oneping oneping
)";

const char* const kZshCompletion = R"(#compdef oneping
# zsh completion for oneping: put this into a file _oneping in a folder of $fpath,
# or source <(oneping completion zsh)
_oneping() {
  local line text what
  local -a candidates
  for line in "${(@f)$("${(Q)words[1]}" __complete "${(@Q)words[1,CURRENT]}" 2>/dev/null)}"; do
    if [[ $line == :files ]]; then
      _files
      continue
    fi
    text=${line%%$'\t'*} what=${line#*$'\t'}
    [[ -n $text ]] && candidates+=("${text//:/\\:}${what:+:$what}")
  done
  (( $#candidates )) && _describe -V oneping candidates
}
if [[ $funcstack[1] == _oneping ]]; then _oneping "$@"; else compdef _oneping oneping; fi
)";

const char* const kFishCompletion =
    R"(# fish completion for oneping:  oneping completion fish | source
function __oneping_complete
  set -l current (commandline -ct)
  set -l words (commandline -opc)
  for line in ($words[1] __complete $words "$current" 2>/dev/null)
    if test "$line" = :files
      __fish_complete_path "$current"
    else
      echo $line
    end
  end
end
complete -c oneping -f -a '(__oneping_complete)'
)";

}  // namespace oneping::admin
