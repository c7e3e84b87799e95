import type { FileRule } from './profile.ts';

/** Whether rules refuse an access (see `FileRule`) to a file, which is the caller's own; as hosts/agent/apparmor.pl has it for real programs. */
export function refuses(rules: readonly FileRule[], path: string, access: number): boolean {
  const holding = rules.filter(({ pattern }) => new RegExp(`^(?:${pattern})$`, 's').test(path.slice(0, 400)));
  const of = (denied: boolean): number =>
    holding.reduce((sum, rule) => (rule.kind.includes('d') === denied ? sum | rule.access : sum), 0);
  return (access & of(false) & ~of(true)) !== access;
}
