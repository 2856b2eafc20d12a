using System.CommandLine;
using MotionGateway.Cli.Configuration;
using MotionGateway.Hosting;

namespace MotionGateway.Cli.Connecting;

/// <summary>Options of commands that call a gateway or a relay: whom they believe, as whom they call, and what they send along.</summary>
internal sealed class ConnectionOptions
{
    private const string Authorization = "authorization";

    private readonly Option<string?> _caFile = FileOption("--cacert", "PEM file of the CAs that the server's certificate is to be of", SettingsVariables.CaFile);
    private readonly Option<string?> _certificate = FileOption("--cert", "PEM file of the certificate to call with", SettingsVariables.CertificateFile);
    private readonly Option<string?> _key = FileOption("--key", "PEM file of its private key, where --cert does not hold it", SettingsVariables.KeyFile);
    private readonly Option<string?> _apiKey = FileOption("--api-key-file", "File of the API key to call the gateway with", SettingsVariables.ApiKeyFile);
    private readonly Option<string[]> _headers = new("--header")
    {
        Description = "A header to send along. May be given several times.",
        HelpName = "NAME: VALUE",
        DefaultValueFactory = _ => [],
    };

    private IEnumerable<Option> All => [_caFile, _certificate, _key, _apiKey, _headers];

    /// <summary>Adds them to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="isRecursive">Whether the commands below it take them too.</param>
    public void AddTo(Command command, bool isRecursive = false)
    {
        foreach (var option in All)
        {
            option.Recursive = isRecursive;
            command.Options.Add(option);
        }
    }

    /// <summary>What they say.</summary>
    /// <exception cref="CommandException">A file or header cannot be used.</exception>
    public Connection Read(ParseResult parsed)
    {
        List<Header> headers = [.. parsed.GetRequiredValue(_headers).Select(ToHeader)];
        bool isAuthorized = headers.Exists(header => header.Name.Equals(Authorization, StringComparison.OrdinalIgnoreCase));
        return new Connection(ReadTls(parsed), headers, isAuthorized ? null : ReadApiKey(parsed));
    }

    private ClientTls? ReadTls(ParseResult parsed)
    {
        var files = new ClientTlsOptions
        {
            CaFile = Find(parsed, _caFile, SettingsVariables.CaFile),
            CertificateFile = Find(parsed, _certificate, SettingsVariables.CertificateFile),
            KeyFile = Find(parsed, _key, SettingsVariables.KeyFile),
        };
        if (files is { CertificateFile: null, KeyFile: not null })
        {
            throw new CommandException("--key is the key of a certificate: name that with --cert.", ExitCode.Usage);
        }

        try
        {
            return files is { CaFile: null, CertificateFile: null } ? null : ClientTls.Load(files, DateTimeOffset.UtcNow);
        }
        catch (TlsFileException failure)
        {
            string option = failure.Setting switch
            {
                nameof(files.CaFile) => _caFile.Name,
                nameof(files.CertificateFile) => _certificate.Name,
                _ => _key.Name,
            };
            throw new CommandException($"{option}: {failure.Problem}", ExitCode.Usage);
        }
    }

    private Header? ReadApiKey(ParseResult parsed)
    {
        if (Find(parsed, _apiKey, SettingsVariables.ApiKeyFile) is not { } file)
        {
            return null;
        }

        string key;
        try
        {
            key = File.ReadAllText(file).Trim();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"{_apiKey.Name}: {failure.Message}", ExitCode.Usage);
        }

        return key.Length > 0 && key.All(c => c is > ' ' and <= '~') ? new Header(Authorization, $"Bearer {key}")
            : throw new CommandException($"{_apiKey.Name}: {file} holds no API key, which is one word without spaces.", ExitCode.Usage);
    }

    // Its value may be a secret, and is not repeated.
    private static Header ToHeader(string text)
    {
        using var request = new HttpRequestMessage();
        return text.Split(':', 2) is [var name, var value] && new Header(name.Trim(), value.Trim()) is var header && header.TryAddTo(request) ? header
            : throw new CommandException("--header takes 'NAME: VALUE', such as 'x-tenant: blue'.", ExitCode.Usage);
    }

    private static Option<string?> FileOption(string name, string what, string variable) =>
        new(name) { Description = $"{what}; {variable} names one for all commands.", HelpName = "FILE" };

    private static string? Find(ParseResult parsed, Option<string?> option, string variable) =>
        parsed.GetValue(option) ?? (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } file ? file : null);
}
