/** What a program keeps in one table of a node's iptables. */
export interface RuleTable {
  readonly name: 'filter' | 'mangle' | 'nat';
  /** Its own chains, which hold the rules below and nothing else. */
  readonly chains: readonly string[];
  /** Further ones of its own that were there before and are not now. */
  readonly passing?: RegExp;
  /** `-A CHAIN …` each. */
  readonly rules: readonly string[];
  /** Rules in chains that others have rules in too, spelled as iptables-save spells them, in the order in which they are put at the front. */
  readonly first: readonly string[];
  /** The same for the end. */
  readonly last: readonly string[];
}

/** The chain by which kube-proxy notices that its rules were flushed away (pkg/proxy/iptables/proxier.go kubeProxyCanaryChain). */
export const CANARY = 'KUBE-PROXY-CANARY';

/**
 * What `iptables-restore --noflush` makes those tables of rules out of the present ones (iptables-save's text): other programs' rules
 * stay, a rule that is there already is not put beside itself, and chains of former Services go.
 */
export function restoreInput(tables: readonly RuleTable[], present: string): string {
  const before = linesOf(present);
  return [...Map.groupBy(tables, ({ name }) => name)]
    .flatMap(([name, its]) => {
      const there = before.get(name) ?? new Set();
      const chains = its.flatMap((table) => table.chains);
      const former = [...there].flatMap((line) => {
        const [, chain = ''] = /^:(\S+) /.exec(line) ?? [];
        return its.some(({ passing }) => passing?.test(chain)) && !chains.includes(chain) ? [chain] : [];
      });
      const missing = (rule: string): boolean => !there.has(rule);
      return [
        `*${name}`,
        ...[...chains, ...former].map((chain) => `:${chain} - [0:0]`),
        ...its.flatMap(({ first }) => first.filter(missing).map((rule) => rule.replace(/^-A/, '-I'))),
        ...its.flatMap(({ last }) => last.filter(missing)),
        ...its.flatMap(({ rules }) => rules),
        ...former.map((chain) => `-X ${chain}`),
        'COMMIT',
      ];
    })
    .concat('')
    .join('\n');
}

/** The lines of each table. */
function linesOf(saved: string): ReadonlyMap<string, ReadonlySet<string>> {
  const tables = new Map<string, Set<string>>();
  let lines = new Set<string>();
  for (const line of saved.split('\n')) {
    if (line.startsWith('*')) tables.set(line.slice(1), (lines = new Set()));
    else lines.add(line);
  }
  return tables;
}
