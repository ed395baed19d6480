import { Ctx, FieldResolver, Resolver, Root } from "type-graphql";
import type { UploadRecord } from "../core/app/index.ts";
import type { ApiContext } from "./context.ts";
import { uploadFiles } from "./links.ts";
import { Upload, UploadFile } from "./upload.ts";

@Resolver(() => Upload)
export class UploadResolver {
  @FieldResolver(() => [UploadFile])
  files(@Root() upload: UploadRecord, @Ctx() context: ApiContext) {
    return uploadFiles(context, upload);
  }
}
