// Judges files by veraPDF's own library against PDF/A-3U; see pdfa_judge.py, which starts it.
// One line a file on standard output: "pass", "fail" or "error", a tab, the path, and after tabs what was found.
import java.io.FileInputStream;
import java.util.LinkedHashSet;
import java.util.Set;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;

public class PdfaJudge {
  public static void main(String[] paths) {
    VeraGreenfieldFoundryProvider.initialise();
    for (String path : paths) {
      System.out.println(verdict(path).replace("\n", " "));
    }
  }

  private static String verdict(String path) {
    Set<String> found = new LinkedHashSet<>();
    var foundry = Foundries.defaultInstance();
    try (var stream = new FileInputStream(path);
        var parser = foundry.createParser(stream, PDFAFlavour.PDFA_3_U);
        var validator = foundry.createValidator(PDFAFlavour.PDFA_3_U, false)) {
      var result = validator.validate(parser);
      for (TestAssertion assertion : result.getTestAssertions()) {
        if (assertion.getStatus() == TestAssertion.Status.FAILED) {
          var rule = assertion.getRuleId();
          found.add(rule.getClause() + "-" + rule.getTestNumber() + " " + assertion.getMessage());
        }
      }
      return (result.isCompliant() ? "pass" : "fail") + "\t" + path + "\t" + String.join("\t", found);
    } catch (Exception error) {
      return "error\t" + path + "\t" + error;
    }
  }
}
