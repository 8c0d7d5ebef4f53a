// Bundles the two entry points into dist/, from where the server embeds them.
import { build } from "esbuild";

await build({
  entryPoints: ["src/client.ts", "src/gon.ts"],
  bundle: true,
  format: "esm",
  target: ["es2022"],
  minify: true,
  outdir: "dist",
  logLevel: "info",
});
