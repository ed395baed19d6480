/** Says on stderr which suites `npm test` leaves out and how to run them. */
export default function sayWhatIsLeftOut(): void {
  process.stderr.write(
    "skipped here: test/containers (needs a Docker daemon: npm run test:containers), " +
      "test/torch (needs Python with PyTorch: npm run test:torch)\n",
  );
}
