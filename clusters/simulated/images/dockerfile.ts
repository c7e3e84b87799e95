/** An instruction of a Dockerfile, with its continued lines as one. */
export interface Instruction {
  /** `FROM`, in capitals. */
  readonly name: string;
  readonly value: string;
  readonly lines: readonly [number, number];
}

/** Instructions in order, without comments (docs.docker.com/reference/dockerfile). */
export function parseDockerfile(text: string): readonly Instruction[] {
  const instructions: Instruction[] = [];
  let open: { text: string; from: number } | undefined;
  const close = (to: number): void => {
    const [, name = '', value = ''] = /^\s*([A-Za-z]+)\s*([^]*)$/.exec(open?.text ?? '') ?? [];
    if (open !== undefined && name !== '')
      instructions.push({ name: name.toUpperCase(), value: value.trim(), lines: [open.from, to] });
    open = undefined;
  };
  const lines = text.split('\n');
  for (const [index, line] of lines.entries()) {
    if (/^\s*#/.test(line) || (line.trim() === '' && open === undefined)) continue;
    const continues = /\\\s*$/.test(line);
    const part = line.replace(/\\\s*$/, '').trim();
    open = open === undefined ? { text: part, from: index + 1 } : { ...open, text: `${open.text} ${part}` };
    if (!continues) close(index + 1);
  }
  close(lines.length);
  return instructions;
}
