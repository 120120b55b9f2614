using ZfsEsx.Lab.Bench;
using ZfsEsx.Lab.Demo;

namespace ZfsEsx.Lab;

/// <summary>The lab as a program.</summary>
internal static class Program
{
    private const string Usage = """
        usage: dotnet run --project tests/ZfsEsx.Lab -- demo|up|down|status [--nodes N] [--lab NAME]
               [--json FILE] [--fuse]
               dotnet run --project tests/ZfsEsx.Lab -- bench [--only NAME] [--rounds N] [--json FILE]
          demo    brings the lab up and builds the whole ring on it, step by step
          up      brings the lab up: the simulator, the hosts' NFS clients, an image for the storage VMs
          down    ends everything that belongs to it
          status  says what runs
          bench   measures, on a simulator of 64 hosts or on a lab of its own
          --fuse  the light lab: zfs-fuse hosts in namespaces instead of guests
        """;

    private static async Task<int> Main(string[] arguments)
    {
        if (arguments is ["hook", var state, var verb])
        {
            return await Hook.RunAsync(state, verb);
        }

        using var cancel = new CancellationTokenSource();
        Console.CancelKeyPress += (_, e) =>
        {
            e.Cancel = true;
            cancel.Cancel();
        };
        try
        {
            CommandLine line = CommandLine.Parse(arguments);
            return await RunAsync(line, cancel.Token);
        }
        catch (Exception e) when (e is LabException or ZfsEsxException or AggregateException)
        {
            foreach (Exception each in e is AggregateException all ? all.InnerExceptions : [e])
            {
                Console.Error.WriteLine(each is ZfsEsxException known ? $"{known.Target}: {known.Text}" : each.Message);
            }

            return 1;
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("Cancelled.");
            return 130;
        }
    }

    private static async Task<int> RunAsync(CommandLine line, CancellationToken ct)
    {
        switch (line.Verb)
        {
            case "demo":
                return await DemoCommand.RunAsync(line.Options, line.JsonFile, Console.Out, ct);
            case "bench":
                return await BenchCommand.RunAsync(
                    new BenchOptions { Only = line.Only, Rounds = line.Rounds }, line.JsonFile, Console.Out, ct);
            case "up" when line.Fuse:
                FuseLab fuse = await FuseLab.UpAsync(line.Options, Say, ct);
                Console.WriteLine($"ssh -F {fuse.SshConfigPath} {fuse.Hosts[0]}");
                return 0;
            case "up":
                Lab lab = await Lab.UpAsync(line.Options, Say, ct);
                LabStatus.Write(lab, line.JsonFile);
                return 0;
            case "down":
                await Lab.DownAsync(line.Options.Name, Say, ct);
                await FuseLab.DownAsync(line.Options.Name, Say, ct);
                return 0;
            case "status" when Lab.Find(line.Options.Name) is { } running:
                LabStatus.Write(running, line.JsonFile);
                return 0;
            case "status":
                Console.WriteLine($"There is no running lab {line.Options.Name}.");
                return 1;
            default:
                Console.Error.WriteLine(Usage);
                return 2;
        }
    }

    private static void Say(string text) => Console.WriteLine(text);
}
