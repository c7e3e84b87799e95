import type { Base } from './base.ts';

/**
 * Programs that make accounts, which this machine's busybox does not have: `adduser` and `addgroup` with busybox's options and Debian's, `useradd` and
 * `groupadd`. They write /etc/passwd and /etc/group as those do; passwords, and options that concern them, are of no effect.
 */
const SCRIPT = `#!/bin/sh
self=\${0##*/}
fail() { echo "$self: $*" >&2; exit 1; }
[ -w /etc/passwd ] || fail 'permission denied (are you root?)'
system= uid= gid= gids= home= shell= make= name= into= extra=
[ "$self" = useradd ] && make=no
while [ $# -gt 0 ]; do
  word=$1; shift
  case $self:$word in
    add*:-S|add*:--system|*add:-r|*add:--system) system=1 ;;
    adduser:-D|adduser:--disabled-password|adduser:--disabled-login|add*:--quiet|*:--allow-all-names) ;;
    adduser:-H|adduser:--no-create-home|useradd:-M|useradd:--no-create-home) make=no ;;
    useradd:-m|useradd:--create-home) make=yes ;;
    adduser:-u|adduser:--uid|useradd:-u|useradd:--uid) uid=$1; shift ;;
    addgroup:-g|addgroup:--gid|groupadd:-g|groupadd:--gid|adduser:--gid) gid=$1; shift ;;
    adduser:-G|adduser:--ingroup|useradd:-g|useradd:--gid) into=$1; shift ;;
    useradd:-G|useradd:--groups) extra=$1; shift ;;
    adduser:--group|useradd:-U|useradd:--user-group|useradd:-N) ;;
    adduser:-h|adduser:--home|useradd:-d|useradd:--home-dir) home=$1; shift ;;
    adduser:-s|adduser:--shell|useradd:-s|useradd:--shell) shell=$1; shift ;;
    adduser:-g|adduser:--gecos|useradd:-c|useradd:--comment|useradd:-p|useradd:--password) shift ;;
    *:--uid=*) uid=\${word#*=} ;;
    *:--gid=*) gid=\${word#*=} ;;
    *:--home=*|*:--home-dir=*) home=\${word#*=} ;;
    *:--shell=*) shell=\${word#*=} ;;
    *:--ingroup=*) into=\${word#*=} ;;
    *:--gecos=*|*:--comment=*) ;;
    *:-*) fail "not simulated: the option $word" ;;
    *) if [ -z "$name" ]; then name=$word; else extra=$word; fi ;;
  esac
done
[ -n "$name" ] || fail 'Only one or two names allowed.'
case $name in *[!A-Za-z0-9_.-]*|-*) fail "invalid user name '$name'" ;; esac
has() { while IFS=: read -r one _; do [ "$one" != "$2" ] || return 0; done < "$1"; return 1; }
taken() { while IFS=: read -r _ _ one _; do [ "$one" != "$2" ] || return 0; done < "$1"; return 1; }
free() { n=$2; while taken /etc/passwd $n || { [ -z "$into" ] && taken /etc/group $n; }; do n=$((n + $3)); done; eval $1=$n; }
number() { while IFS=: read -r one _ n _; do [ "$one" != "$2" ] && [ "$n" != "$2" ] || { eval $1=$n; return 0; }; done < /etc/group; return 1; }
first() { if [ -z "$system" ]; then free $1 1000 1; else free $1 $2 $3; fi; }
[ -e /sbin/apk ] && low='100 1' || low='999 -1'
join() {
  has /etc/group "$1" || fail "group '$1' does not exist"
  while IFS=: read -r one x n members; do
    [ "$one" != "$1" ] || members="\${members:+$members,}$2"
    echo "$one:$x:$n:$members"
  done < /etc/group > /etc/group- && cat /etc/group- > /etc/group && rm /etc/group-
}
case $self in
  addgroup|groupadd)
    if [ -n "$extra" ]; then join "$extra" "$name"; exit; fi
    ! has /etc/group "$name" || fail "group '$name' already exists"
    [ -n "$gid" ] || first gid $low
    ! taken /etc/group "$gid" || fail "gid '$gid' in use"
    echo "$name:x:$gid:" >> /etc/group ;;
  *)
    if [ "$self" = adduser ] && [ -n "$extra" ]; then join "$extra" "$name"; exit; fi
    ! has /etc/passwd "$name" || fail "user '$name' already exists"
    [ -n "$uid" ] || first uid $low
    ! taken /etc/passwd "$uid" || fail "uid '$uid' in use"
    if [ -n "$into" ]; then number gid "$into" || fail "unknown group $into"
    elif [ -z "$gid" ]; then
      gid=$uid
      if [ -e /sbin/apk ] && [ -n "$system" ]; then gid=65533; has /etc/group nogroup || echo nogroup:x:65533: >> /etc/group
      else echo "$name:x:$gid:" >> /etc/group; fi
    fi
    [ -n "$home" ] || home=/home/$name
    if [ -z "$shell" ]; then [ -n "$system" ] && shell=/sbin/nologin || shell=/bin/sh; fi
    echo "$name:x:$uid:$gid:$name:$home:$shell" >> /etc/passwd
    [ -z "$extra" ] || for one in $(echo "$extra" | tr , ' '); do join "$one" "$name"; done
    [ "$make" = no ] || { [ -n "$system" ] && [ "$make" != yes ]; } || { mkdir -p "$home" && chown "$uid:$gid" "$home"; } ;;
esac
`;

/** The programs that a distribution's images make accounts with; an image without a distribution has none but busybox's own. */
export function accountTools(base: Base, repository: string): Readonly<Record<string, string>> {
  const names =
    base === 'alpine' || repository === 'busybox'
      ? ['adduser', 'addgroup']
      : base === 'none'
        ? []
        : ['adduser', 'addgroup', 'useradd', 'groupadd'];
  return Object.fromEntries(names.map((name) => [`/usr/sbin/${name}`, SCRIPT]));
}
