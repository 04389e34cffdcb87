/** The versions that this library is itself tested with; a test holds them against package.json. */
export const SCAFFOLD_VERSIONS = {
  dependencies: {
    "@cdktf/provider-helm": "12.1.2",
    "@cdktf/provider-kubernetes": "12.1.0",
    cdktf: "0.21.0",
    constructs: "10.7.2",
  },
  devDependencies: {
    "@types/jest": "30.0.0",
    "@types/node": "20.19.43",
    jest: "30.5.2",
    "ts-jest": "29.4.15",
    typescript: "5.9.3",
  },
} as const;

export interface ProjectFacts {
  /** Of package.json and of cdktf.json. */
  readonly name: string;
  /** What package.json says of tallyman: `0.1.0` or `file:../tallyman`. */
  readonly library: string;
}

/** What makes it a project: package.json, the compiler's and the test runner's settings, cdktf.json. */
export function renderProjectFiles({ name, library }: ProjectFacts): ReadonlyMap<string, string> {
  const { dependencies, devDependencies } = SCAFFOLD_VERSIONS;
  const sorted = Object.entries({ ...dependencies, tallyman: library }).sort(([a], [b]) => (a < b ? -1 : 1));
  return new Map([
    [
      "package.json",
      json({
        name,
        private: true,
        engines: { node: ">=20.9" },
        scripts: {
          synth: "tsc && node dist/main.js",
          test: "tsc --noEmit && jest",
        },
        dependencies: Object.fromEntries(sorted),
        devDependencies,
      }),
    ],
    [
      "tsconfig.json",
      json({
        compilerOptions: {
          target: "ES2022",
          module: "node16",
          moduleResolution: "node16",
          strict: true,
          // ts-jest then only transpiles: the types are checked once, before it.
          isolatedModules: true,
          skipLibCheck: true,
          outDir: "dist",
          rootDir: ".",
          types: ["node", "jest"],
        },
        include: ["main.ts", "stacks", "test"],
      }),
    ],
    [
      "cdktf.json",
      json({
        language: "typescript",
        app: "npm run --silent synth",
        projectId: name,
        sendCrashReports: "false",
      }),
    ],
    ["jest.config.js", 'module.exports = { preset: "ts-jest", roots: ["<rootDir>/test"] };\n'],
    [".gitignore", "node_modules/\ndist/\ncdktf.out/\n*.tfstate\n*.tfstate.backup\n.terraform/\n"],
    // Without it npm links a folder, and the library would find its own copy of cdktf there.
    ...(library.startsWith("file:") ? [[".npmrc", "install-links=true\n"] as const] : []),
  ]);
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
