// The package has no types of its own: what the tests use of it.
declare module "istanbul-lib-instrument" {
  export function createInstrumenter(options: { esModules: boolean }): { instrumentSync(code: string, filename: string): string };
}
