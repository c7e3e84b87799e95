/** Sets each field that is absent (or null) on the target, in place. */
export function fill<T extends object>(target: T, defaults: Partial<T>): void {
  for (const [field, value] of Object.entries(defaults)) {
    const fields = target as Record<string, unknown>;
    fields[field] ??= value;
  }
}

/** Ports speak TCP unless they say otherwise; the default also counts as part of the list key in patches and apply. */
export const defaultProtocol = (port: { protocol?: string }): void => fill(port, { protocol: 'TCP' });
