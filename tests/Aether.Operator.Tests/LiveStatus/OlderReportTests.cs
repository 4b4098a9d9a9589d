using System.Text;
using System.Text.Json.Nodes;
using Aether.Persistence.Contracts;

namespace Aether.Operator.Tests.LiveStatus;

/// <summary>Reports of older agents, which lack some fields.</summary>
[Trait("Kind", "Unit")]
public sealed class OlderReportTests
{
    [Fact]
    public void A_report_without_the_later_fields_is_read()
    {
        var json = JsonNode.Parse(Reports.Of("economy-0", 4).Write())!.AsObject();
        foreach (var field in (string[])
                 ["journalOutageSeconds", "journalProblem", "credentialsRevision", "settingsProblem", "needsRestart"])
            Assert.True(json.Remove(field));

        var report = AgentReport.TryRead(Encoding.UTF8.GetBytes(json.ToJsonString()));

        Assert.NotNull(report);
        Assert.Null(report.JournalOutageSeconds);
        Assert.Equal(("", "", "", false),
            (report.JournalProblem, report.CredentialsRevision, report.SettingsProblem, report.NeedsRestart));
    }
}
