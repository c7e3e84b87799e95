/** A line that opens a profile: what stands before its flags, they, and its brace with what follows. */
const HEADER =
  /^(\s*(?:profile\s+(?:"[^"]+"|[^\s({]+)(?:\s+(?:"[^"]+"|\/[^\s(]*))?|"\/[^"]+"|\/[^\s({]*))(?:\s+(?:flags\s*=\s*)?\(([^)]*)\))?(\s*\{\s*(?:#.*)?)$/;

/** A file's text with all of its profiles in complain mode or out of it, as apparmor-utils writes their flags (`change_profile_flags`). */
export const withMode = (text: string, mode: 'complain' | 'enforce'): string =>
  text
    .split('\n')
    .map((line) => {
      const [whole, head = '', flags = '', brace = ''] = HEADER.exec(line) ?? [];
      if (whole === undefined) return line;
      const kept = flags.split(/[\s,]+/).filter((flag) => flag !== '' && flag !== 'complain');
      const all = mode === 'complain' ? [...kept, 'complain'] : kept;
      return `${head}${all.length === 0 ? '' : ` flags=(${all.join(', ')})`}${brace}`;
    })
    .join('\n');
