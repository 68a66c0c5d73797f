package dev.samgs.deploy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UsageTest {
  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "\"\"                                                 | name a command",
        "fly                                                | 'fly'",
        "evaluate                                           | --data",
        "evaluate --data x.csv --fast                       | '--fast'",
        "evaluate --data x.csv --label-block 0              | at least 1",
        "evaluate --data x.csv --label-block many           | 'many'",
        "evaluate --data x.csv --task a=fuzzy               | regression, binary or multiclass",
        "evaluate --data x.csv --surgery scalpel            | sam-gs",
        "evaluate --data x.csv --model m.yaml --task a=binary | --model",
        "evaluate --data x.csv --label-delay soon           | neither a number of rows",
        "evaluate --data x.csv --label-delay 2h             | --ts-unit",
        "evaluate --data x.csv --label-delay 100000         | at most 65536",
        "evaluate --data x.csv --sweep gamma                | SETTING=VALUE",
        "evaluate --data x.csv --sweep gamma=1 --compare sum | --compare",
        "evaluate --data x.csv --report r --compare sum     | --compare",
        "evaluate --data x.csv -o xml                       | 'xml'",
        "init                                               | --data",
        "replay --data x.csv --topic t                      | --bootstrap-servers",
        "replay --data x.csv --topic t --bootstrap-servers b:1 --rate -1     | --rate",
        "replay --data x.csv --topic t --bootstrap-servers b:1 --model a/b   | 'a/b'",
        "replay --data x.csv --topic t --bootstrap-servers b:1 --ts-unit day | 'day'",
        "train                                              | --config",
        "chaos --faults flood                               | 'flood'",
        "chaos --minutes -1                                 | --minutes",
        "chaos --rate 0                                     | --rate",
        "chaos --models 0                                   | --models",
        "chaos --keep nowhere                               | --keep",
        "demo --duration soon                               | 'soon' is not a duration",
        "demo --duration 0s                                 | at least 1s",
        "demo --rate 0                                      | --rate",
        "demo --port 70000                                  | --port",
        "demo --console-port 70000                          | --console-port",
        "console                                            | --bootstrap-servers",
        "console --bootstrap-servers b:1 --port 70000       | --port",
        "console --bootstrap-servers b:1 --history 0s       | --history",
        "demo --surgery scalpel                             | sam-gs",
        "bench                                              | name what to measure",
        "bench pipeline --events 0                          | --events",
        "bench pipeline --models none                       | 'none'",
        "bench pipeline --preset quick                      | 'quick'",
        "bench pipeline --trunk 64,0                        | --trunk",
        "predict                                            | serve or stream",
        "predict serve                                      | --bootstrap-servers",
        "predict serve --bootstrap-servers b:1 --port 70000 | --port",
        "predict serve --bootstrap-servers b:1 --keep 0     | --keep",
        "predict serve --bootstrap-servers b:1 --model a/b  | 'a/b'",
        "predict serve --bootstrap-servers b:1 --scorer abc | 'abc'",
        "predict stream --bootstrap-servers b:1 --in a      | --out",
        "predict stream --bootstrap-servers b:1 --in a --out a | different topics",
        "simulate --topic t                                 | --bootstrap-servers",
        "simulate --bootstrap-servers b:1 --rate 0          | --rate",
        "simulate --bootstrap-servers b:1 --duration 0s     | --duration",
        "simulate --bootstrap-servers b:1 --drift-after x   | 'x'",
        "snapshot                                           | list, show, export, diff, verify",
        "snapshot list                                      | --bootstrap-servers",
        "snapshot show --bootstrap-servers b:1              | MODEL[@VERSION]",
        "snapshot show --bootstrap-servers b:1 line-1@x     | must be a number",
        "snapshot export line-1 --bootstrap-servers b:1     | --to",
        "snapshot diff a.onnx                               | 'B'",
        "snapshot promote line-1 --version 3 --bootstrap-servers b:1 | takes no --version",
        "snapshot pin a/b --bootstrap-servers b:1           | 'a/b'",
      })
  void badUsageIsToldInOneLineAndExitsWith2(String words, String hint) {
    CommandRun run = CommandRun.of((Object[]) words(words));

    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err().lines()).singleElement().asString().contains(hint).contains("--help");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "evaluate --data %s/none.csv",
        "init --data %s/none.csv",
        "evaluate --data %s",
        "evaluate --data %s/good.csv --model %s/none.yaml",
        "evaluate --data %s/good.csv --model %s/bad.yaml",
        "evaluate --data %s/unlabelled.csv",
        "evaluate --data %s/empty.csv",
        "replay --data %s/none.csv --bootstrap-servers 127.0.0.1:9 --topic t",
        "train --config %s/none.yaml",
        "train --config %s/bad.yaml",
        "snapshot show %s/none.onnx",
        "snapshot show %s/good.csv.onnx",
        "predict serve --bootstrap-servers 127.0.0.1:9 --public-key %s/none.pem",
      })
  void aFailureIsToldInOneLineAndExitsWith1(String words) throws Exception {
    Files.writeString(directory.resolve("good.csv"), "ts,f_a,y_b\n1,2,3\n");
    Files.writeString(directory.resolve("unlabelled.csv"), "ts,f_a\n1,2\n");
    Files.writeString(directory.resolve("empty.csv"), "");
    Files.writeString(directory.resolve("good.csv.onnx"), "not a model");
    Files.writeString(directory.resolve("bad.yaml"), "name: x\nmodle: {}\n");

    CommandRun run = CommandRun.of((Object[]) words(words.replace("%s", directory.toString())));

    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.err().lines())
        .isNotEmpty()
        .allMatch(line -> line.matches("samgs " + words.split(" ")[0] + "( [a-z]+)?: .*"))
        .noneMatch(line -> line.contains("Exception"));
  }

  @Test
  void debugAddsTheStackTrace() {
    CommandRun run = CommandRun.of("--debug", "evaluate", "--data", directory.resolve("none.csv"));

    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err()).contains("there is no file").contains("\tat dev.samgs.");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "bench",
        "bench pipeline",
        "bench drift",
        "bench reactions",
        "console",
        "demo",
        "doctor",
        "init",
        "evaluate",
        "predict",
        "predict serve",
        "predict stream",
        "replay",
        "snapshot",
        "snapshot list",
        "snapshot show",
        "snapshot export",
        "snapshot diff",
        "snapshot verify",
        "snapshot pin",
        "snapshot unpin",
        "snapshot rollback",
        "snapshot promote",
        "train"
      })
  void everyCommandDescribesItself(String command) {
    CommandRun run = CommandRun.of((Object[]) words(command + " --help"));

    assertThat(run.exit()).isZero();
    assertThat(run.err()).isEmpty();
    assertThat(run.out()).startsWith("Usage: samgs " + command).contains("--debug");
    assertThat(run.out().lines()).allMatch(line -> line.length() <= 80);
  }

  private static String[] words(String line) {
    String stripped = line.strip();
    return stripped.isEmpty() ? new String[0] : stripped.split(" +");
  }
}
