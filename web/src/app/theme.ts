import {
  createTheme,
  defaultVariantColorsResolver,
  type CSSVariablesResolver,
  type VariantColorsResolver,
} from '@mantine/core';

const WASHED = {
  background: 'var(--accent-wash)',
  hover: 'color-mix(in srgb, var(--accent) 14%, var(--accent-wash))',
  color: 'var(--accent)',
};

/** Buttons take their colours from palette.css: petrol is light in the dark theme, where white on it is unreadable. */
const variantColorResolver: VariantColorsResolver = (input) => {
  const colours = defaultVariantColorsResolver(input.color === 'danger' ? { ...input, color: 'red' } : input);
  const own = input.color === 'petrol';
  if (input.variant === 'light' && own) return { ...colours, ...WASHED };
  if (input.variant === 'subtle' && own) return { ...colours, color: 'var(--accent)' };
  if (input.variant !== 'filled') return colours;
  if (input.color !== 'danger') return { ...colours, color: 'var(--on-accent)' };
  return { ...colours, background: 'var(--danger)', hover: 'var(--danger-hover)', color: 'var(--on-danger)' };
};

/**
 * Petrol is the one accent: what can be pressed, what is chosen, what has the focus. Verdicts have colours of their own
 * (palette.css). `dark` holds the surfaces of the dark theme from text (0) down to the page (9).
 */
export const theme = createTheme({
  variantColorResolver,
  primaryColor: 'petrol',
  primaryShade: { light: 8, dark: 3 },
  colors: {
    petrol: [
      '#e6f3f2',
      '#cbe5e3',
      '#a3d3d0',
      '#7cc4c1',
      '#54aeac',
      '#369897',
      '#217f82',
      '#156c71',
      '#0d5f66',
      '#084a51',
    ],
    dark: [
      '#e7e6e1',
      '#c3c6c3',
      '#9ba29f',
      '#6b7573',
      '#454f4f',
      '#323a3c',
      '#262d30',
      '#1c2225',
      '#161b1d',
      '#101416',
    ],
  },
  white: '#fdfcfa',
  black: '#1d2226',
  fontFamily: 'var(--sans)',
  fontFamilyMonospace: 'var(--mono)',
  defaultRadius: 6,
  cursorType: 'pointer',
  respectReducedMotion: true,
});

/** Colours of Mantine's own that are too faint on our surfaces, such as that of a menu's headings. */
export const ownVariables: CSSVariablesResolver = () => {
  const faint = { '--mantine-color-dimmed': 'var(--ink-3)' };
  return { variables: {}, light: faint, dark: faint };
};

/** Where Mantine and public/colour-scheme.js keep the learner's choice. */
export const COLOUR_SCHEME_KEY = 'breachlab.colour-scheme';
