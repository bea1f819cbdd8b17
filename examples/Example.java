import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The running example with java.net.http. Usage: java Example.java [http://127.0.0.1:8080] */
public class Example {
    public static void main(String[] args) throws Exception {
        String base = args.length > 0 ? args[0] : "http://127.0.0.1:8080";
        String body = "{\"expression\": \"(x + w) * (w + 1)\", \"leaves\": {\"w\": 1, \"x\": 2}, \"trace\": false}";
        HttpRequest request = HttpRequest.newBuilder(URI.create(base + "/v1/evaluate"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        String answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body();
        Matcher m = Pattern.compile("\"value\":([^,]+),.*\"gradients\":\\{\"w\":([^,]+),\"x\":([^}]+)}").matcher(answer);
        if (!m.find()) throw new IllegalStateException(answer);
        System.out.println("y = " + m.group(1));
        System.out.println("dy/dw = " + m.group(2));
        System.out.println("dy/dx = " + m.group(3));
    }
}
