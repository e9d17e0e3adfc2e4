package ai.liberclaw.agent.mcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.model.Image;
import ai.liberclaw.agent.tool.ToolResult;
import ai.liberclaw.core.json.Json;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Base64;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

final class CallResultTest {
  private static ToolResult of(String json) throws InterruptedException {
    return CallResult.of("MCP server odd", Json.parse(json));
  }

  private static String png() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    assertTrue(ImageIO.write(new BufferedImage(2, 2, BufferedImage.TYPE_INT_RGB), "png", bytes));
    return Base64.getEncoder().encodeToString(bytes.toByteArray());
  }

  @Test
  void w29TextsAreJoinedAndMarkedAsComingFromOutside() throws Exception {
    ToolResult result =
        of(
            "{\"content\":[{\"type\":\"text\",\"text\":\"one\"},{\"type\":\"text\",\"text\":\"two\"}]}");
    assertTrue(
        result.content().startsWith("[untrusted content from MCP server odd, mark "),
        result.content());
    assertTrue(result.content().contains("]\none\ntwo\n[end of untrusted"), result.content());
    assertFalse(result.isError());
  }

  @Test
  void picturesAreShownAndResourcesAreNamed() throws Exception {
    String png = png();
    ToolResult result =
        of(
            """
            {"content":[
             {"type":"image","mimeType":"image/png","data":"%s"},
             {"type":"image","mimeType":"image/svg+xml","data":"PHN2Zy8+"},
             {"type":"image","mimeType":"image/png","data":"not base64"},
             {"type":"audio","mimeType":"audio/wav","data":"AAAA"},
             {"type":"resource_link","uri":"file:///a\\nb","name":"n"},
             {"type":"resource","resource":{"uri":"x:y","text":"inside"}},
             {"type":"hologram"}]}
            """
                .formatted(png));
    assertEquals(List.of(new Image("image/png", png)), result.images());
    for (String line :
        List.of(
            "[image: image/png]",
            "[image: image/svg+xml, not shown: ",
            "[image: image/png, not shown: its data is not base64]",
            "[audio: audio/wav, not shown]",
            "[resource: file:///a b]",
            "[resource: x:y]\ninside",
            "[content of another kind, not shown]")) {
      assertTrue(result.content().contains("\n" + line), line + " in " + result.content());
    }
  }

  @Test
  void tooManyPicturesAreLeftOut() throws Exception {
    String one = "{\"type\":\"image\",\"mimeType\":\"image/png\",\"data\":\"" + png() + "\"}";
    ToolResult result = of("{\"content\":[" + (one + ",").repeat(8) + one + "]}");
    assertEquals(CallResult.IMAGES_MAX, result.images().size());
    assertTrue(result.content().contains("more than 8 in one result"));
  }

  @Test
  void whatThereIsIsShown() throws Exception {
    assertEquals("(empty result)", of("{}").content());
    assertEquals("(empty result)", of("{\"content\":[]}").content());
    assertTrue(of("{\"structuredContent\":{\"a\":1}}").content().contains("\"a\" : 1"));
    ToolResult error = of("{\"isError\":true,\"content\":[{\"type\":\"text\",\"text\":\"no\"}]}");
    assertTrue(error.isError() && error.content().contains("\nno\n"));
  }
}
