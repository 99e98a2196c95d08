# bash completion for k911
_k911() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local commands="drill check incident runbook config"
	local options="--kubeconfig --context --config --state-dir --read-only --lang --theme --verbose --version --help"

	case $prev in
	--kubeconfig | --config) COMPREPLY=($(compgen -f -- "$cur")) && return ;;
	--state-dir) COMPREPLY=($(compgen -d -- "$cur")) && return ;;
	--lang) COMPREPLY=($(compgen -W "auto en zh_CN" -- "$cur")) && return ;;
	--theme) COMPREPLY=($(compgen -W "dark light high-contrast mono" -- "$cur")) && return ;;
	-o | --output) COMPREPLY=($(compgen -W "text json" -- "$cur")) && return ;;
	check) COMPREPLY=($(compgen -W "-o --output" -- "$cur")) && return ;;
	incident)
		COMPREPLY=($(compgen -W "open list show ack level role note tick untick link mitigated recovered close reopen report verify export import" -- "$cur"))
		return
		;;
	runbook) COMPREPLY=($(compgen -W "list show words check" -- "$cur")) && return ;;
	config) COMPREPLY=($(compgen -W "show check" -- "$cur")) && return ;;
	drill) COMPREPLY=($(compgen -W "--list $(k911 drill --list 2>/dev/null | awk '{print $1}')" -- "$cur")) && return ;;
	esac
	COMPREPLY=($(compgen -W "$commands $options" -- "$cur"))
}
complete -F _k911 k911
