import { config } from 'zod';

// zod compiles its schemas with `new Function` where it may. The page's content security policy forbids that, and a browser
// reports even the attempt. This file is imported before any schema is made.
config({ jitless: true });
