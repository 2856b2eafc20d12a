using Microsoft.Extensions.FileProviders;

namespace MotionGateway.EdgeRelay;

/// <summary>The web page that shows a session, where it has been built.</summary>
internal static class PageEndpoints
{
    private const string DemoPath = "/demo";

    private const string Note =
        """
        <!doctype html>
        <html lang="en">
        <head><meta charset="utf-8"><title>MotionGateway edge relay</title></head>
        <body>
        <h1>MotionGateway edge relay</h1>
        <p>The relay runs, without its page: that is built by Node 20 or newer with npm, where <code>dotnet build</code> finds
        them. Install them, build again, and start the relay again.</p>
        <p>Viewers connect to <code>/v1/sessions/{id}/feed</code>. <a href="/readyz">Is it ready?</a></p>
        </body>
        </html>
        """;

    public static void UseSecurityHeaders(IApplicationBuilder app) => app.Use((context, next) =>
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
            + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "microphone=(self), camera=(), geolocation=(), display-capture=()";
        return next(context);
    });

    public static void Use(WebApplication app, string? directory)
    {
        // The page asks every relay whether it is a demo's, and a 404 would be an error on the browser's console.
        // The demo's own endpoint of that path comes first.
        app.MapGet(DemoPath, context =>
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        }).WithOrder(1);

        if (directory is null)
        {
            app.MapGet("/", context =>
            {
                context.Response.ContentType = "text/html; charset=utf-8";
                return context.Response.WriteAsync(Note, context.RequestAborted);
            });
            return;
        }

        var files = new PhysicalFileProvider(Path.GetFullPath(directory));
        app.UseDefaultFiles(new DefaultFilesOptions { FileProvider = files });
        app.UseStaticFiles(new StaticFileOptions
        {
            FileProvider = files,
            OnPrepareResponse = prepared => prepared.Context.Response.Headers.CacheControl = "no-cache",
        });
    }
}
