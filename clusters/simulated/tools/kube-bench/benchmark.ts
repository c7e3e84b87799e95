import type { NodeState } from './node-state.ts';

/** A part of the benchmark that `--targets` names (kube-bench, cfg/config.yaml, `target_mapping`). */
export type TargetName = 'master' | 'controlplane' | 'etcd' | 'node' | 'policies';

export interface Target {
  readonly name: TargetName;
  readonly id: string;
  readonly text: string;
  readonly groups: readonly Group[];
}

export interface Group {
  readonly id: string;
  readonly text: string;
  readonly checks: readonly Check[];
}

/** One recommendation. Whether it is scored stands in its text: `(Automated)` or `(Manual)`. */
export interface Check {
  readonly id: string;
  readonly text: string;
  /** Without an audit it is left to people. */
  readonly audit?: Audit;
  /** A configuration file that is asked for whatever the audit's output does not set. */
  readonly config?: Audit;
  readonly tests?: Tests;
  /** `$apiserverconf` and the like stand for this node's paths. */
  readonly remediation: string;
}

export interface Audit {
  /** The shell line of the real tool, as its JSON shows it. */
  readonly command: string;
  /** What that line would print on the node. */
  readonly output: (node: NodeState) => string;
}

export interface Tests {
  readonly join: 'and' | 'or';
  readonly items: readonly TestItem[];
  /** Each line of the output must hold by itself (`use_multiple_values`). */
  readonly eachLine: boolean;
}

export interface TestItem {
  /** Looked for anywhere in the output; what follows `=`, `: ` or a blank is its value. */
  readonly flag: string;
  /** Keys in the configuration file, from its root. */
  readonly path?: readonly string[];
  readonly expect: Expectation;
}

/** Operators of kube-bench's check/test.go; one that compares holds for a flag that is present. */
export type Expectation =
  | { readonly op: 'set' | 'unset' }
  | {
      readonly op: 'eq' | 'noteq' | 'has' | 'nothave' | 'gte' | 'bitmask' | 'valid_elements';
      readonly value: string;
    };

export const isScored = ({ text }: Check): boolean => text.endsWith('(Automated)');

/** All of the items must hold. */
export const all = (...items: readonly TestItem[]): Tests => ({ join: 'and', items, eachLine: false });
/** One of the items is enough. */
export const any = (...items: readonly TestItem[]): Tests => ({ join: 'or', items, eachLine: false });
export const eachLine = (tests: Tests): Tests => ({ ...tests, eachLine: true });

type Operator = Extract<Expectation, { value: string }>['op'];

/** An item over a flag of a command line, or a word of an audit's output. */
export function flag(name: string): TestItem;
export function flag(name: string, op: 'set' | 'unset'): TestItem;
export function flag(name: string, op: Operator, value: string): TestItem;
export function flag(name: string, op: Expectation['op'] = 'set', value = ''): TestItem {
  return { flag: name, expect: op === 'set' || op === 'unset' ? { op } : { op, value } };
}

/** The same, where a dotted path in the program's configuration file says it too. */
export const inFile = (path: string, item: TestItem): TestItem => ({ ...item, path: path.split('.') });
