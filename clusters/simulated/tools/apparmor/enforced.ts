import { pathPattern } from './path-pattern.ts';
import { type FileRule, type Profile, CAPABILITIES } from './profile.ts';
import { EVERY_MODE, EVERY_PATH, type WrittenRule } from './rule.ts';
import { refusedSockets } from './sockets.ts';

type FileRuleText = Extract<WrittenRule, { about: 'file' }>;

/** As many rules about files as are held, each of which is compared with every path, and characters of all of them. */
const MOST_RULES = 300;
const MOST_CHARACTERS = 40_000;

/** Of what is refused to every container of a lab: nothing mounts. */
const REFUSED_ANYWAY = ['mount', 'remount', 'umount', 'pivot_root', 'userns', 'io_uring'];

/** What of a profile's rules is enforced: those about files, capabilities and sockets, and what they leave out. */
export function enforced(
  written: readonly WrittenRule[],
): Pick<Profile, 'deniesWriting' | 'files' | 'capabilities' | 'sockets' | 'notEnforced'> {
  const rules = written.flatMap(withoutAll);
  const notEnforced = new Set<string>();
  const files: FileRule[] = [];
  let understood = true;
  const ofFiles = rules.filter((rule): rule is FileRuleText => rule.about === 'file');
  // Denials first: they are what is left where there are too many.
  for (const rule of ofFiles.toSorted((a, b) => Number(b.denied) - Number(a.denied))) {
    const access = accessOf(rule.mode);
    if (changesProfile(rule)) notEnforced.add(`${rule.written},`);
    if (access === 0 && rule.denied) notEnforced.add(`${rule.written},`);
    if (access === 0) continue;
    for (const path of rule.paths) {
      const pattern = pathPattern(path);
      const length = files.reduce((sum, one) => sum + one.pattern.length, 0);
      if (pattern === undefined || files.length >= MOST_RULES || length + pattern.length > MOST_CHARACTERS) {
        notEnforced.add(`${rule.written},`);
        understood &&= rule.denied;
      } else files.push({ kind: kindOf(rule), access, pattern });
    }
  }
  // Where it is not known what is allowed, nothing is refused for not being allowed.
  if (!understood) {
    notEnforced.add('that files are refused which no rule allows');
    files.push({ kind: '', access: ALL, pattern: '/.*' });
  }
  for (const rule of rules)
    if (rule.about === 'other' && rule.denied && !REFUSED_ANYWAY.includes(rule.head))
      notEnforced.add(`${rule.written},`);
  return {
    deniesWriting: ofFiles.some(deniesWriting),
    files,
    capabilities: allowedCapabilities(rules),
    sockets: refusedSockets(rules),
    notEnforced: [...notEnforced],
  };
}

/** `all,` is a rule of each kind. */
const withoutAll = (rule: WrittenRule): readonly WrittenRule[] =>
  rule.about !== 'other' || rule.head !== 'all'
    ? [rule]
    : [
        { ...rule, about: 'file', paths: [EVERY_PATH], mode: EVERY_MODE },
        { ...rule, about: 'capability', words: [] },
        { ...rule, about: 'network', words: [] },
      ];

const WRITE = 2;
const ALL = 15;

/** To execute 1, to write 2, to read 4, to link 8; locks and mappings need a file that is open. */
const accessOf = (mode: string): number =>
  (/x/i.test(mode) ? 1 : 0) | (/[wa]/i.test(mode) ? WRITE : 0) | (/r/i.test(mode) ? 4 : 0) | (/l/i.test(mode) ? 8 : 0);

/** `px`, `cx` and `ux` go on under another profile, or none; here under the same. */
const changesProfile = ({ mode, denied }: FileRuleText): boolean => !denied && /[pcu]i?x/i.test(mode);

const kindOf = ({ denied, owned, audited }: FileRuleText): string =>
  `${denied ? 'd' : ''}${owned ? 'o' : ''}${audited ? 'a' : ''}`;

/** `deny /** w,`: simple enough for a filter of system calls. One that is recorded has to be seen. */
const deniesWriting = ({ denied, owned, audited, paths, mode }: FileRuleText): boolean =>
  denied &&
  !owned &&
  !audited &&
  (accessOf(mode) & WRITE) !== 0 &&
  paths.some((path) => /^\/(?:\*\*|\{\*\*,\})$/.test(path));

/** By name; a rule without names is about all of them, and none is allowed that no rule allows. */
function allowedCapabilities(rules: readonly WrittenRule[]): readonly string[] {
  const named = (wanted: boolean): ReadonlySet<string> =>
    new Set(
      rules.flatMap((rule) => {
        if (rule.about !== 'capability' || rule.denied !== wanted) return [];
        return rule.words.length === 0 ? [...CAPABILITIES] : rule.words;
      }),
    );
  const [allowed, denied] = [named(false), named(true)];
  return [...allowed].filter((name) => !denied.has(name));
}
