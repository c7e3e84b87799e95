import type { ImageContents, Package } from './contents/contents.ts';
import { APK_DESCRIPTIONS } from './contents/apk-descriptions.ts';

type Files = Readonly<Record<string, string>>;

/** There are no packages to be had in a lab, nor a network to fetch them from. */
const refusal = (name: string): string =>
  `echo "${name}: not simulated: packages in containers; the image has what it has" >&2; exit 1`;

const refuses = (name: string): string => `#!/bin/sh\n${refusal(name)}\n`;

/** `apk info`, `apk list` and `apk --version` over the image's own database (apk-tools 2.14, src/app_info.c, src/app_list.c). */
const APK = `#!/bin/sh
verb= verbose=0 exists=
for word; do
  shift
  case $word in
    --version|-V) verb=version ;;
    --verbose|-v) verbose=$((verbose+1)) ;;
    -vv) verbose=$((verbose+2)) ;;
    --installed|-e) exists=1 ;;
    -I|--no-cache|--no-network|--quiet|-q) ;;
    -*) echo "apk: not simulated: the option $word" >&2; exit 1 ;;
    *) [ -n "$verb" ] && set -- "$@" "$word" || verb=$word ;;
  esac
done
# Calls what it is given once a package, with P, V, L, o, T and U of it.
each() {
  while IFS= read -r line; do
    case $line in
      P:*) P=\${line#P:} T= U= ;;
      V:*) V=\${line#V:} ;;
      L:*) L=\${line#L:} ;;
      T:*) T=\${line#T:} ;;
      U:*) U=\${line#U:} ;;
      o:*) o=\${line#o:} ;;
      '') "$@" ;;
    esac
  done < /lib/apk/db/installed
}
listed() {
  [ $# = 0 ] || { for want; do case $P in $want) set --; break ;; esac; done; [ $# = 0 ] || return; }
  echo "$P-$V x86_64 {$o} ($L) [installed]"
}
named() {
  case $verbose in
    0) echo "$P" ;;
    1) echo "$P-$V" ;;
    *) echo "$P-$V - $T" ;;
  esac
}
described() {
  [ "$P" = "$1" ] || return
  if [ -n "$exists" ]; then [ $verbose = 0 ] && echo "$P" || echo "$P-$V"; return; fi
  [ -z "$T" ] || printf '%s\\n' "$P-$V description:" "$T" '' "$P-$V webpage:" "$U" ''
  echo "not simulated: the installed size of $P-$V" >&2
}
has() { while IFS= read -r line; do [ "$line" != "P:$1" ] || return 0; done < /lib/apk/db/installed; return 1; }
compiled() { [ "$P" != apk-tools ] || echo "apk-tools \${V%-r*}, compiled for x86_64."; }
case $verb in
  version) each compiled ;;
  list) each listed "$@" ;;
  info)
    [ $# -gt 0 ] || { each named; exit; }
    status=0
    for name; do
      if has "$name"; then each described "$name"; else status=1; [ -n "$exists" ] || echo "ERROR: $name: not found" >&2; fi
    done
    exit $status ;;
  '') echo 'apk: not simulated: its help; there are apk info and apk list' >&2; exit 1 ;;
  *) ${refusal('apk')} ;;
esac
`;

/** apk's database (wiki.alpinelinux.org/wiki/Apk_spec), the lines that the lab knows; each package ends with an empty one. */
const apkDatabase = (packages: readonly Package[]): string =>
  packages
    .map(({ name, version, source, licence }) => {
      const [description, page] = APK_DESCRIPTIONS[name] ?? [];
      const told = description === undefined ? '' : `T:${description}\nU:${page ?? ''}\n`;
      return `P:${name}\nV:${version}\nA:x86_64\n${told}L:${licence}\no:${source}\n\n`;
    })
    .join('');

/** What Alpine's images have of its package manager: it tells of packages where the lab knows them, and gets no others. */
export const apkFiles = (contents: ImageContents | undefined): Files =>
  contents === undefined
    ? { '/sbin/apk': refuses('apk') }
    : { '/sbin/apk': APK, '/lib/apk/db/installed': apkDatabase(contents.packages) };

/** Debian's images have theirs to say that there is nothing to be had; which packages they have is a selection, and not told there. */
export const APT_FILES: Files = { '/usr/bin/apt': refuses('apt'), '/usr/bin/apt-get': refuses('apt-get') };
