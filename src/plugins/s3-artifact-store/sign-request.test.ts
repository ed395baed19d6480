import { describe, expect, it } from "vitest";
import { signRequest } from "./sign-request.ts";

/** The examples of "Signature Calculations for the Authorization Header" in Amazon's S3 API reference. */
const credentials = {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
};
const at = { region: "us-east-1", now: new Date("2013-05-24T00:00:00.000Z") };
const EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const bucket = "https://examplebucket.s3.amazonaws.com";

describe("signRequest", () => {
  it.each([
    [
      "a GET of a range",
      { method: "GET", url: `${bucket}/test.txt`, headers: { range: "bytes=0-9" }, payloadSha256: EMPTY },
      "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
    ],
    [
      "a PUT",
      {
        method: "PUT",
        url: `${bucket}/test$file.text`,
        headers: { date: "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY" },
        payloadSha256: "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
      },
      "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
    ],
    [
      "a query without a value",
      { method: "GET", url: `${bucket}/?lifecycle`, headers: {}, payloadSha256: EMPTY },
      "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
    ],
    [
      "a query",
      { method: "GET", url: `${bucket}/?prefix=J&max-keys=2`, headers: {}, payloadSha256: EMPTY },
      "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
    ],
  ])("signs %s as Amazon does", (_, request, signature) => {
    const { authorization } = signRequest({ ...request, url: new URL(request.url) }, credentials, at);
    expect(authorization?.split("Signature=")[1]).toBe(signature);
  });

  it("signs the token of temporary credentials", () => {
    const request = { method: "GET", url: new URL(`${bucket}/x`), headers: {}, payloadSha256: EMPTY };
    const headers = signRequest(request, { ...credentials, sessionToken: "a token" }, at);
    expect(headers).toMatchObject({ "x-amz-security-token": "a token" });
    expect(headers["authorization"]).toContain("x-amz-security-token");
  });
});
